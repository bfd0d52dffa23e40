import { type CraftedClass, NOBODY, PAYLOADS, type Payload } from './crafted-payloads.js'
import type { CraftedTarget } from './crafted-target.js'
import { SHARED_HOSTING } from './shared-hosting.js'

/** An Origin header made to pass for another one. */
export interface CraftedOrigin {
  readonly class: CraftedClass
  readonly origin: string
  /** The browsers that send such an Origin; empty: none does. Undefined: all do. */
  readonly browsers?: readonly string[]
}

/**
 * Origins that a careless check takes for `target`: every variant of every class that there is for it. The same for
 * the self-attack on a policy and for the scanner.
 *
 * @param attacker a host that is nobody's
 */
export function craftOrigins(target: CraftedTarget, attacker: string): readonly CraftedOrigin[] {
  return PAYLOADS.flatMap(payload => craft(payload, target, attacker))
}

/**
 * A few origins, of other classes each turn and of another variant each round of the classes: for lists too long to try
 * everything with each entry. After some 300 turns every variant of every class has been used.
 */
export function craftSome(target: CraftedTarget, attacker: string, turn: number): readonly CraftedOrigin[] {
  const crafted: CraftedOrigin[] = []
  for (let at = turn * EACH_TURN; at < (turn + 1) * EACH_TURN; at++) {
    const payloads = BY_CLASS[at % BY_CLASS.length] as readonly Payload[]
    const payload = payloads[Math.floor(at / BY_CLASS.length) % payloads.length] as Payload
    crafted.push(...craft(payload, target, attacker))
  }
  return crafted
}

/** Origins that a careless check takes for somebody's, whatever is allowed: made around no target at all. */
export function genericOrigins(scheme: string, attacker: string): readonly CraftedOrigin[] {
  const [label = attacker] = attacker.split('.')
  const each = (name: CraftedClass, origins: readonly string[]): readonly CraftedOrigin[] =>
    origins.map(origin => ({ class: name, origin }))
  const unsendable = (name: CraftedClass, origins: readonly string[]): readonly CraftedOrigin[] =>
    origins.map(origin => ({ class: name, origin, browsers: NOBODY }))
  return [
    ...each(
      'localhost-prefix',
      LOCAL_NAMES.map(name => `http://${name}.${attacker}`),
    ),
    ...each('localhost-prefix', [`https://localhost.${attacker}`]),
    ...each(
      'shared-hosting',
      SHARED_HOSTING.map(host => `https://${host.replace('*', label)}`),
    ),
    ...each('localhost', LOCALHOSTS),
    ...each('extension', EXTENSIONS),
    ...each('app', APPS),
    ...unsendable(
      'address-spelling',
      ADDRESS_SPELLINGS.map(host => `${scheme}://${host}`),
    ),
    ...unsendable('malformed', ['', '*', `${scheme}://`, `${scheme}://${'a'.repeat(OVER_LONG)}.${attacker}`]),
  ]
}

function craft(payload: Payload, target: CraftedTarget, attacker: string): readonly CraftedOrigin[] {
  const origin = payload.craft(target, attacker)
  if (origin === undefined) return []
  const { class: name, browsers } = payload
  return [browsers === undefined ? { class: name, origin } : { class: name, origin, browsers }]
}

const BY_CLASS = [...new Set(PAYLOADS.map(payload => payload.class))].map(name =>
  PAYLOADS.filter(payload => payload.class === name),
)
const EACH_TURN = 3

// Names that a rule for developers compares by their beginning.
const LOCAL_NAMES = ['localhost', '127.0.0.1', '192.168.0.1', '10.0.0.1']

const LOCALHOSTS = [
  'http://localhost',
  'http://localhost:3000',
  'http://localhost:8080',
  'https://localhost',
  'http://127.0.0.1',
  'http://[::1]',
]

// Identifiers of nobody's: who allows these allows every extension.
const EXTENSIONS = [
  'chrome-extension://mnopabcdefghijklmnopabcdefghijkl',
  'moz-extension://5f1c7c5e-3a0b-4d6e-9b0a-2f7d1c4e8a63',
]

// What the pages of installed programs have: the same for every program of the kind.
const APPS = ['file://', 'capacitor://localhost', 'ionic://localhost', 'app://localhost', 'tauri://localhost']

// Browsers serialise all of these as 127.0.0.1 or [::ffff:7f00:1].
const ADDRESS_SPELLINGS = ['2130706433', '0x7f000001', '0177.0.0.1', '127.1', '[::ffff:127.0.0.1]']

const OVER_LONG = 5000
