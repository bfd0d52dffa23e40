/** What is crafted about an Origin, and so what its acceptance says about the server's matcher. */
export type OriginClass = keyof typeof ORIGIN_CLASSES

interface OriginClassFacts {
  /** The finding that its acceptance is. */
  readonly code: string
  /**
   * Who can have a page there: `anyone` (register a name and wait), `own` (someone inside the domain, or on the
   * network), `local` (what runs on the user's machine), `nobody` (no browser sends it).
   */
  readonly held: 'anyone' | 'own' | 'local' | 'nobody'
  /** Classes whose acceptance explains this one: one cause is one finding. */
  readonly impliedBy: readonly string[]
  readonly says: string
}

/** The closed list. The order is the order of report, widest first. */
export const ORIGIN_CLASSES = {
  arbitrary: {
    code: 'origin-reflected',
    held: 'anyone',
    impliedBy: [],
    says: 'a random site that nobody can have allowed',
  },
  null: {
    code: 'origin-null',
    held: 'anyone',
    impliedBy: ['arbitrary'],
    says: 'the opaque origin of sandboxed frames and local files',
  },
  contains: {
    code: 'origin-contains',
    held: 'anyone',
    impliedBy: ['arbitrary'],
    says: 'a foreign name with the trusted one somewhere inside',
  },
  prefix: {
    code: 'origin-prefix',
    held: 'anyone',
    impliedBy: ['arbitrary', 'contains'],
    says: 'a foreign name that begins with the trusted one',
  },
  'glued-suffix': {
    code: 'origin-glued-suffix',
    held: 'anyone',
    impliedBy: ['arbitrary', 'contains', 'prefix'],
    says: 'a foreign name that begins with the trusted one, without a dot between',
  },
  'other-tld': {
    code: 'origin-other-tld',
    held: 'anyone',
    impliedBy: ['arbitrary'],
    says: 'the same name under another top-level domain',
  },
  'public-suffix': {
    code: 'origin-public-suffix',
    held: 'anyone',
    impliedBy: ['arbitrary'],
    says: 'another tenant of the public suffix that the server stands on',
  },
  suffix: {
    code: 'origin-suffix',
    held: 'anyone',
    impliedBy: ['arbitrary', 'contains', 'public-suffix'],
    says: 'a foreign name that ends with the trusted one, without a dot between',
  },
  truncated: {
    code: 'origin-truncated',
    held: 'anyone',
    impliedBy: ['arbitrary', 'other-tld', 'public-suffix'],
    says: 'the trusted name without its first or last character',
  },
  'unescaped-dot': {
    code: 'origin-unescaped-dot',
    held: 'anyone',
    impliedBy: ['arbitrary', 'contains', 'suffix', 'public-suffix'],
    says: 'the trusted name with a letter in place of a dot',
  },
  'special-character': {
    code: 'origin-special-character',
    held: 'anyone',
    impliedBy: ['arbitrary', 'contains', 'prefix', 'glued-suffix'],
    says: 'the trusted name, a special character, and a foreign domain',
  },
  'localhost-prefix': {
    code: 'origin-localhost-prefix',
    held: 'anyone',
    impliedBy: ['arbitrary'],
    says: 'a foreign name that begins with localhost',
  },
  'shared-hosting': {
    code: 'origin-shared-hosting',
    held: 'anyone',
    impliedBy: ['arbitrary', 'public-suffix'],
    says: 'a page that anyone can publish at a hosting service',
  },
  idn: {
    code: 'origin-idn',
    held: 'anyone',
    impliedBy: ['arbitrary', 'public-suffix'],
    says: 'an internationalised name that looks like the trusted one',
  },
  insecure: {
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
  unsendable: {
    code: 'origin-unsendable',
    held: 'nobody',
    impliedBy: ['port'],
    says: 'a text that no browser sends as Origin',
  },
} as const satisfies Record<string, OriginClassFacts>

export function originClassFacts(name: OriginClass): OriginClassFacts {
  return ORIGIN_CLASSES[name]
}
