/** What an attack plays on: the mistakes by which origin checks are got round. */
export type CraftedClass =
  | 'foreign'
  | 'prefix'
  | 'suffix'
  | 'substring'
  | 'unescaped-dot'
  | 'special-character'
  | 'userinfo'
  | 'port'
  | 'case'
  | 'trailing-dot'
  | 'subdomain'
  | 'sibling'
  | 'downgrade'
  | 'null'

/** An Origin header made to pass for another one. */
export interface CraftedOrigin {
  readonly class: CraftedClass
  readonly origin: string
}

/** The origin to pass for. */
export interface CraftedTarget {
  readonly scheme: string
  readonly host: string
  /** Digits; empty for the default port. */
  readonly port: string
}

/**
 * Origins that a careless check takes for `target`: every variant of every class that there is for it. The same for
 * the self-attack on a policy and for the scanner.
 *
 * @param attacker a host that is nobody's
 */
export function craftOrigins(target: CraftedTarget, attacker: string): readonly CraftedOrigin[] {
  return CLASSES.flatMap(([name, variants]) =>
    variants.flatMap(variant => {
      const origin = variant(target, attacker)
      return origin === undefined ? [] : [{ class: name, origin }]
    }),
  )
}

/**
 * A few origins, of other classes each turn and of another variant each round of the classes: for lists too long to try
 * everything with each entry. After some 300 turns every variant of every class has been used.
 */
export function craftSome(target: CraftedTarget, attacker: string, turn: number): readonly CraftedOrigin[] {
  const crafted: CraftedOrigin[] = []
  for (let at = turn * EACH_TURN; at < (turn + 1) * EACH_TURN; at++) {
    const [name, variants] = CLASSES[at % CLASSES.length] as (typeof CLASSES)[number]
    const variant = variants[Math.floor(at / CLASSES.length) % variants.length] as Variant
    const origin = variant(target, attacker)
    if (origin !== undefined) crafted.push({ class: name, origin })
  }
  return crafted
}

/** What some browser lets a host name hold beyond letters, digits and hyphens, and what servers decode to one. */
export const SPECIAL_CHARACTERS: readonly string[] = [
  ...'_-"{}+^%!~`;|&\'()*,$=',
  '%60',
  '%0b',
  '\\',
  '/',
  '#',
  '?',
  ' ',
  '\t',
]

function replaceAt(host: string, at: number): string | undefined {
  return at <= 0 ? undefined : `${host.slice(0, at)}x${host.slice(at + 1)}`
}

function originOf(scheme: string, host: string, port: string): string {
  return port === '' ? `${scheme}://${host}` : `${scheme}://${host}:${port}`
}

/** Undefined where the class has nothing for such a target. */
type Variant = (target: CraftedTarget, attacker: string) => string | undefined

const onHost =
  (craft: (host: string, attacker: string) => string | undefined): Variant =>
  ({ scheme, host, port }, attacker) => {
    const crafted = craft(host, attacker)
    return crafted === undefined ? undefined : originOf(scheme, crafted, port)
  }

const CLASSES: readonly (readonly [CraftedClass, readonly Variant[]])[] = [
  ['foreign', [onHost((_, attacker) => attacker)]],
  [
    'prefix',
    [onHost((host, attacker) => `${host}.${attacker}`), onHost((host, attacker) => host + attacker)],
  ],
  ['suffix', [onHost(host => `attacker${host}`), onHost(host => `attacker-${host}`)]],
  ['substring', [onHost(host => host.slice(0, -1)), onHost(host => host.slice(1))]],
  [
    'unescaped-dot',
    [
      onHost(host => replaceAt(host, host.indexOf('.'))),
      onHost(host => replaceAt(host, host.lastIndexOf('.'))),
    ],
  ],
  [
    'special-character',
    SPECIAL_CHARACTERS.flatMap(special => [
      onHost((host, attacker) => `${host}${special}.${attacker}`),
      onHost((host, attacker) => `${attacker}${special}.${host}`),
    ]),
  ],
  ['userinfo', [onHost((host, attacker) => `${host}@${attacker}`)]],
  [
    'port',
    [
      ({ scheme, host, port }) => originOf(scheme, host, port === '6666' ? '6667' : '6666'),
      ({ scheme, host }) => originOf(scheme, host, '0'),
    ],
  ],
  [
    'case',
    [
      onHost(host => host.toUpperCase()),
      ({ scheme, host, port }) => originOf(scheme.toUpperCase(), host, port),
    ],
  ],
  ['trailing-dot', [onHost(host => `${host}.`)]],
  ['subdomain', [onHost(host => `attacker.${host}`)]],
  [
    'sibling',
    [onHost(host => (host.includes('.') ? `attacker${host.slice(host.indexOf('.'))}` : undefined))],
  ],
  [
    'downgrade',
    [({ scheme, host, port }) => (scheme === 'https' ? originOf('http', host, port) : undefined)],
  ],
  ['null', [() => 'null']],
]

const EACH_TURN = 3
