import { type CraftedTarget, isName, labelOf, originOf, portOf, siteOf } from './crafted-target.js'
import { SPECIAL_CHARACTERS } from './special-characters.js'

/** What an attack plays on: the mistakes by which origin checks are got round. */
export type CraftedClass =
  | 'foreign'
  | 'null'
  | 'contains'
  | 'prefix'
  | 'glued-suffix'
  | 'other-tld'
  | 'sibling'
  | 'suffix'
  | 'substring'
  | 'unescaped-dot'
  | 'special-character'
  | 'special-label'
  | 'idn'
  | 'localhost-prefix'
  | 'shared-hosting'
  | 'downgrade'
  | 'subdomain'
  | 'port'
  | 'localhost'
  | 'extension'
  | 'app'
  | 'userinfo'
  | 'case'
  | 'trailing-dot'
  | 'control-byte'
  | 'malformed'
  | 'odd-port'
  | 'open-start'
  | 'address-spelling'

/** One way to make an origin that a careless check takes for another. */
export interface Payload {
  readonly class: CraftedClass
  /** Undefined where there is nothing of this kind for such a target. */
  readonly craft: (target: CraftedTarget, attacker: string) => string | undefined
  /** As in `CraftedOrigin`. */
  readonly browsers?: readonly string[]
}

/** No browser sends it. */
export const NOBODY: readonly string[] = []

// What may be a label of its own.
const LABELS = ['_', '-', '$', '=']

// Cyrillic letters that look like Latin ones.
const LOOK_ALIKES = new Map([
  ['a', 'а'],
  ['c', 'с'],
  ['e', 'е'],
  ['o', 'о'],
  ['p', 'р'],
  ['x', 'х'],
  ['y', 'у'],
  ['s', 'ѕ'],
  ['i', 'і'],
])

/** Every variant of every class, the widest first. */
export const PAYLOADS: readonly Payload[] = [
  host('foreign', (_, attacker) => attacker),
  payload('null', () => 'null'),
  host('contains', (name, attacker, label) => `${label}${name}.${attacker}`),
  ...withOtherScheme(host('prefix', (name, attacker) => `${name}.${attacker}`)),
  host('glued-suffix', (name, attacker) => name + attacker),
  ...['tk', 'net', 'com'].map(tld => payload('other-tld', target => otherTld(target, tld))),
  payload('sibling', sibling),
  ...withOtherScheme(site('suffix', (name, _, label) => label + name)),
  // Two hyphens: what ends with "-name" or "--name" is met, too.
  site('suffix', (name, _, label) => `${label}--${name}`),
  name('substring', each => each.slice(0, -1)),
  // Of the site alone: api.example without its first letter would still be a name of the same owner's.
  site('substring', name => name.slice(1)),
  ...[0, 1, 2, 3].flatMap(index =>
    withOtherScheme(payload('unescaped-dot', target => originOf(target, undotted(target, index)))),
  ),
  ...SPECIAL_CHARACTERS.map(({ text, browsers }) =>
    host('special-character', (name, attacker) => `${name}${text}.${attacker}`, browsers),
  ),
  ...SPECIAL_CHARACTERS.filter(({ text }) => LABELS.includes(text)).map(({ text, browsers }) =>
    host('special-character', (name, attacker) => `${name}.${text}.${attacker}`, browsers),
  ),
  ...SPECIAL_CHARACTERS.map(({ text, browsers }) =>
    host('special-label', (name, attacker) => `${attacker}${text}.${name}`, browsers),
  ),
  payload('idn', lookAlike),
  whole('downgrade', ({ scheme }, at) => (scheme === 'https' ? `http://${at}` : undefined)),
  ...(['', 'label'] as const).map(below =>
    payload('downgrade', (target, attacker) =>
      target.scheme === 'https' && isName(target)
        ? originOf({ ...target, scheme: 'http' }, (below && `${labelOf(attacker)}.`) + siteOf(target))
        : undefined,
    ),
  ),
  name('subdomain', (each, label) => `${label}.${each}`),
  name('subdomain', (each, label) => label + each),
  site('subdomain', (each, _, label) => `${label}.${each}`),
  payload(
    'port',
    ({ scheme, host: each, port }) => `${scheme}://${each}:${port === '8443' ? '9443' : '8443'}`,
  ),
  ...unsendable(
    whole('userinfo', ({ scheme, host: each }, _, attacker) => `${scheme}://${each}@${attacker}`),
    whole('case', ({ scheme, port, host: each }) =>
      originOf({ scheme, port, host: each }, each.toUpperCase()),
    ),
    whole('open-start', ({ scheme }, at) => `${scheme.toUpperCase()}://${at}`),
    whole('trailing-dot', target => originOf(target, `${target.host}.`)),
    ...['\0', '\u000b'].map(byte =>
      whole('control-byte', ({ scheme }, at, attacker) => `${scheme}://${at}${byte}.${attacker}`),
    ),
    whole('malformed', ({ scheme }, at) => `${scheme}://${at}/`),
    whole('open-start', (_, at) => at),
    ...[', ', ',', ' ', '\t', '/.', '#.', '?.', '\\.'].map(between =>
      whole('malformed', ({ scheme }, at, attacker) =>
        between.endsWith('.')
          ? `${scheme}://${at}${between}${attacker}`
          : `${scheme}://${at}${between}${scheme}://${attacker}`,
      ),
    ),
    whole('odd-port', ({ scheme, host: each }) => `${scheme}://${each}:0`),
    whole('odd-port', ({ scheme, host: each }) => `${scheme}://${each}:65536`),
    whole('odd-port', ({ scheme, host: each, port }) =>
      port === '' ? `${scheme}://${each}:${scheme === 'https' ? '443' : '80'}` : undefined,
    ),
    ...['@', '/.', '#.', '?.', '\\.', '%0a.', '\t.'].map(between =>
      whole('open-start', ({ scheme }, at, attacker) => `${scheme}://${attacker}${between}${at}`),
    ),
    whole('open-start', ({ scheme }, at, attacker) => `${scheme}://${attacker}, ${scheme}://${at}`),
  ),
]

function payload(name: CraftedClass, craft: Payload['craft'], browsers?: readonly string[]): Payload {
  return browsers === undefined ? { class: name, craft } : { class: name, craft, browsers }
}

/** What happens to the host; scheme and port stay. */
function host(
  name: CraftedClass,
  craft: (host: string, attacker: string, label: string) => string,
  browsers?: readonly string[],
): Payload {
  return payload(
    name,
    // Nothing can be added to an IPv6 address.
    (target, attacker) =>
      target.host.startsWith('[')
        ? undefined
        : originOf(target, craft(target.host, attacker, labelOf(attacker))),
    browsers,
  )
}

/** The same for hosts that have names below and around them: not for addresses. */
function name(each: CraftedClass, craft: (host: string, label: string) => string): Payload {
  return payload(each, (target, attacker) =>
    isName(target) ? originOf(target, craft(target.host, labelOf(attacker))) : undefined,
  )
}

/** What happens to the registrable domain: names that someone else can register. */
function site(name: CraftedClass, craft: (site: string, attacker: string, label: string) => string): Payload {
  return payload(name, (target, attacker) =>
    isName(target) ? originOf(target, craft(siteOf(target), attacker, labelOf(attacker))) : undefined,
  )
}

/** The whole text; `at` is the host with its port. */
function whole(
  name: CraftedClass,
  craft: (target: CraftedTarget, at: string, attacker: string) => string | undefined,
): Payload {
  return payload(name, (target, attacker) => craft(target, target.host + portOf(target), attacker))
}

function unsendable(...payloads: readonly Payload[]): readonly Payload[] {
  return payloads.map(each => ({ ...each, browsers: NOBODY }))
}

function withOtherScheme(each: Payload): readonly Payload[] {
  const other = (target: CraftedTarget): CraftedTarget => ({
    ...target,
    scheme: target.scheme === 'https' ? 'http' : 'https',
    port: '',
  })
  return [each, payload(each.class, (target, attacker) => each.craft(other(target), attacker))]
}

// The last dot stays: without it the name has no top-level domain, and nobody can register it.
function undotted({ host: name, suffix }: CraftedTarget, index: number): string | undefined {
  const dots = [...name.matchAll(/\./g)].map(match => match.index)
  const registrable =
    suffix === undefined ? dots : dots.slice(0, -1).filter(at => at < name.length - suffix.length)
  const at = registrable[index]
  return at === undefined ? undefined : `${name.slice(0, at)}x${name.slice(at + 1)}`
}

function otherTld(target: CraftedTarget, tld: string): string | undefined {
  const { host: name, suffix = name.slice(name.lastIndexOf('.') + 1) } = target
  if (suffix === tld || !isName(target) || !name.includes('.')) return undefined
  return originOf(target, `${name.slice(0, name.length - suffix.length)}${tld}`)
}

function lookAlike(target: CraftedTarget): string | undefined {
  const { host: name } = target
  const begin = name.length - siteOf(target).length
  const at = Array.from(name).findIndex((letter, index) => index >= begin && LOOK_ALIKES.has(letter))
  if (at < 0 || !isName(target)) return undefined
  const fake = `https://${name.slice(0, at)}${LOOK_ALIKES.get(name[at] ?? '')}${name.slice(at + 1)}`
  return URL.canParse(fake) ? originOf(target, new URL(fake).hostname) : undefined
}

/** A tenant beside this one below its suffix; for whoever does not know the suffix, below the name without its first label. */
function sibling(target: CraftedTarget, attacker: string): string | undefined {
  const { host: name, suffix } = target
  if (!isName(target) || !name.includes('.')) return undefined
  return originOf(target, `${labelOf(attacker)}.${suffix ?? name.slice(name.indexOf('.') + 1)}`)
}
