import type { CraftedClass } from '../../attack/crafted-payloads.js'
import type { ScanCode } from '../codes.js'

/** What is crafted about an Origin, and so what its acceptance says about the server's matcher. */
export type OriginClass = Exclude<CraftedClass, 'special-label'> | 'other-scheme'

interface OriginClassFacts {
  /** The finding that its acceptance is. */
  readonly code: ScanCode
  /**
   * Who can have a page there: `anyone` (register a name and wait), `own` (someone inside the domain, or on the
   * network), `local` (what runs on the user's machine), `nobody` (no browser sends it).
   */
  readonly held: 'anyone' | 'own' | 'local' | 'nobody'
  /** Classes whose acceptance explains this one: one cause is one finding. */
  readonly impliedBy: readonly OriginClass[]
  readonly says: string
}

/** The closed list. The order is the order of report, widest first. */
export const ORIGIN_CLASSES: Readonly<Record<OriginClass, OriginClassFacts>> = {
  foreign: {
    code: 'origin-reflected',
    held: 'anyone',
    impliedBy: [],
    says: 'a random site that nobody can have allowed',
  },
  'other-scheme': {
    code: 'origin-reflected',
    held: 'anyone',
    impliedBy: ['foreign'],
    says: 'a random site, over the other one of http and https',
  },
  null: {
    code: 'origin-null',
    held: 'anyone',
    impliedBy: ['foreign'],
    says: 'the opaque origin of sandboxed frames and local files',
  },
  contains: {
    code: 'origin-contains',
    held: 'anyone',
    impliedBy: ['foreign'],
    says: 'a foreign name with the trusted one somewhere inside',
  },
  prefix: {
    code: 'origin-prefix',
    held: 'anyone',
    impliedBy: ['foreign', 'other-scheme', 'contains'],
    says: 'a foreign name that begins with the trusted one',
  },
  'glued-suffix': {
    code: 'origin-glued-suffix',
    held: 'anyone',
    impliedBy: ['foreign', 'contains', 'prefix'],
    says: 'a foreign name that begins with the trusted one, without a dot between',
  },
  'other-tld': {
    code: 'origin-other-tld',
    held: 'anyone',
    impliedBy: ['foreign'],
    says: 'the same name under another top-level domain',
  },
  sibling: {
    code: 'origin-public-suffix',
    held: 'anyone',
    impliedBy: ['foreign'],
    says: 'another tenant of the public suffix that the server stands on',
  },
  suffix: {
    code: 'origin-suffix',
    held: 'anyone',
    impliedBy: ['foreign', 'other-scheme', 'contains', 'sibling'],
    says: 'a foreign name that ends with the trusted one, without a dot between',
  },
  substring: {
    code: 'origin-truncated',
    held: 'anyone',
    impliedBy: ['foreign', 'other-tld', 'sibling'],
    says: 'the trusted name without its first or last character',
  },
  'unescaped-dot': {
    code: 'origin-unescaped-dot',
    held: 'anyone',
    impliedBy: ['foreign', 'other-scheme', 'contains', 'suffix', 'sibling'],
    says: 'the trusted name with a letter in place of a dot',
  },
  'special-character': {
    code: 'origin-special-character',
    held: 'anyone',
    impliedBy: ['foreign', 'contains', 'prefix', 'glued-suffix'],
    says: 'the trusted name, a special character, and a foreign domain',
  },
  'localhost-prefix': {
    code: 'origin-localhost-prefix',
    held: 'anyone',
    impliedBy: ['foreign', 'other-scheme'],
    says: 'a foreign name that begins with localhost or a private address',
  },
  'shared-hosting': {
    code: 'origin-shared-hosting',
    held: 'anyone',
    impliedBy: ['foreign', 'sibling'],
    says: 'a page that anyone can publish at a hosting service',
  },
  idn: {
    code: 'origin-idn',
    held: 'anyone',
    impliedBy: ['foreign', 'sibling'],
    says: 'an internationalised name that looks like the trusted one',
  },
  downgrade: {
    code: 'origin-insecure',
    held: 'own',
    impliedBy: [],
    says: 'a trusted name over http, where the network can write the page',
  },
  subdomain: { code: 'origin-subdomain', held: 'own', impliedBy: [], says: 'any name below the trusted one' },
  port: { code: 'origin-port', held: 'own', impliedBy: [], says: 'another port of the trusted host' },
  localhost: {
    code: 'origin-localhost',
    held: 'local',
    impliedBy: [],
    says: "a server on the user's own machine",
  },
  extension: {
    code: 'origin-extension',
    held: 'local',
    impliedBy: [],
    says: 'a browser extension that nobody knows',
  },
  app: {
    code: 'origin-app',
    held: 'local',
    impliedBy: [],
    says: 'the origin of every page on disk, or of every installed app of a kind',
  },
  'control-byte': unsendable('the trusted name, a control byte, and a foreign domain'),
  userinfo: unsendable('the trusted name as user information of a foreign one'),
  case: unsendable('the trusted origin in capitals'),
  'trailing-dot': unsendable('the trusted name with a dot at the end'),
  'address-spelling': unsendable('a loopback address spelled as no browser does'),
  malformed: unsendable('a text that is no origin'),
  'odd-port': unsendable('the trusted host with a port that browsers leave out or refuse', 'port'),
  'open-start': unsendable('the trusted name after what no origin begins with', 'subdomain'),
}

export function originClassFacts(name: OriginClass): OriginClassFacts {
  return ORIGIN_CLASSES[name]
}

function unsendable(says: string, ...impliedBy: readonly OriginClass[]): OriginClassFacts {
  return { code: 'origin-unsendable', held: 'nobody', impliedBy, says }
}
