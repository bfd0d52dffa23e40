/**
 * Hosts where anyone can publish a page within a minute: `*.` where each tenant gets a name of its own, without where
 * all tenants' pages have one origin. For the scanner's payloads, the lint and the suggestions of `audit suggest`.
 */
export const SHARED_HOSTING: readonly string[] = [
  // On the public suffix list, as many more are: one of each kind for the scanner.
  '*.github.io',
  '*.gitlab.io',
  '*.pages.dev',
  '*.workers.dev',
  '*.vercel.app',
  '*.netlify.app',
  '*.web.app',
  '*.herokuapp.com',
  '*.azurewebsites.net',
  '*.s3.amazonaws.com',
  '*.cloudfront.net',
  '*.repl.co',
  // Not on the list, and shared no less.
  '*.stackblitz.io',
  '*.webcontainer.io',
  '*.glitch.me',
  // Playgrounds that show everybody's code in one origin.
  'cdpn.io',
  'codepen.io',
  'jsfiddle.net',
  'fiddle.jshell.net',
  'null.jsbin.com',
  'output.jsbin.com',
  'run.plnkr.co',
]

/** True for a host whose one origin holds the pages of strangers. */
export function isPlayground(host: string): boolean {
  return PLAYGROUNDS.has(host)
}

/** The host directly below which tenants get their names, at or above this one; undefined where this list has none. */
export function tenantSuffixOf(host: string): string | undefined {
  return TENANT_SUFFIXES.find(suffix => host === suffix || host.endsWith(`.${suffix}`))
}

const PLAYGROUNDS = new Set(SHARED_HOSTING.filter(host => !host.startsWith('*.')))
const TENANT_SUFFIXES = SHARED_HOSTING.filter(host => host.startsWith('*.')).map(host => host.slice(2))
