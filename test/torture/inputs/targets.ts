/** Spellings of a path that some server, somewhere, reads as another one. */
export function craftedTargets(): readonly string[] {
  const targets = new Set<string>()
  for (const from of ['public', 'admin']) {
    for (const to of ['admin', 'public']) {
      for (const step of STEPS) targets.add(`/${from}/x${step}${to}/y`)
      for (const step of STEPS) targets.add(`/${from}${step}${to}`)
    }
    for (const spelling of SPELLINGS) targets.add(spelling(from))
  }
  for (const tail of TAILS) for (const from of ['/public/a', '/admin']) targets.add(`${from}${tail}`)
  return [...targets]
}

/** Ways out of a prefix, for a route with `replacePrefix`. */
export function escapes(): readonly string[] {
  return [
    '/public/x\\..\\..\\admin',
    '/public/x%5c..%5c..%5cadmin',
    '/public/x%5C..%5Cadmin',
    '/public/..;x/admin',
    '/public/..;/admin',
    '/public/;/../admin',
    '/public/..%3B/admin',
    '/public/%2e%2e%2fadmin',
    '/public/%2e%2e/admin',
    '/public/.%2e/admin',
    '/public/%2E./admin',
    '/public/%252e%252e/admin',
    '/public/%252e%252e%252fadmin',
    '/public/%25%32%65%25%32%65/admin',
    '/public/..%00/admin',
    '/public/..%0d/admin',
    '/public/a%2F%23%3Fb',
    '/public/a%2fb',
    '/public/a%23b',
    '/public/a%3Fb',
    '/%70ublic/x',
    '/%70%75%62%6c%69%63/x',
    '/public%2fx',
    '/public%2f..%2fadmin',
    '/public/%c0%ae%c0%ae/admin',
    '/public/%e0%80%ae%e0%80%ae/admin',
    '/public/%uff0e%uff0e/admin',
    '/public//admin',
    '//public/x',
    '/./public/x',
    '/public/.',
    '/public/..',
    '/public/...',
    '/public/ok',
    '/public/a;b=c',
    '/public/',
    '/public',
  ]
}

const STEPS = [
  '/../',
  '/..//',
  '/../../',
  '/./../',
  '/%2e%2e/',
  '/%2E%2E/',
  '/.%2e/',
  '/%2e./',
  '%2f..%2f',
  '%2F%2e%2e%2F',
  '/..%2f',
  '/..%2F..%2F',
  '\\..\\',
  '/..\\',
  '%5c..%5c',
  '/..%5c',
  '/..;/',
  '/..;x=y/',
  '/;/../',
  '/..%3b/',
  '/%252e%252e/',
  '/%252e%252e%252f',
  '/%25%32%65%25%32%65/',
  '/%2e%2e%5c',
  '/..%00/',
  '/%00/../',
  '/..%09/',
  '/.. /',
  '/..%20/',
  '/..%0a/',
  '/%c0%ae%c0%ae/',
  '/%c0%af',
  '/%e0%80%af',
  '/%ef%bc%8f',
  '/..%ef%bc%8f',
  '/%u002e%u002e/',
  '/...//',
  '/....//',
  '//',
  '///',
  '/.//',
  '/;a/',
  ';/',
  ';..;/',
  '#/../',
  '?/../',
  '%3f/../',
  '%23/../',
  '/%2f/',
  '/%5c/',
  '/..%c1%9c',
  '/..%25%35%63',
  '/..%%35c',
  '/..%%32%66',
]

const SPELLINGS: readonly ((name: string) => string)[] = [
  name => `/${name}`,
  name => `/${name}/`,
  name => `/${name.toUpperCase()}/x`,
  name => `/${name[0]!.toUpperCase()}${name.slice(1)}`,
  name => `//${name}/x`,
  name => `///${name}`,
  name => `/.//${name}`,
  name => `/./${name}`,
  name => `/%2f${name}`,
  name => `\\${name}`,
  name => `/\\${name}`,
  name => `/%5c${name}`,
  name => `/${escaped(name, 'lower')}`,
  name => `/${escaped(name, 'upper')}/x`,
  name => `/%${name.charCodeAt(0).toString(16)}${name.slice(1)}/x`,
  name => `/${name.slice(0, -1)}%${name.charCodeAt(name.length - 1).toString(16)}`,
  name => `/%25${name.charCodeAt(0).toString(16)}${name.slice(1)}`,
  name => `/${name}%00`,
  name => `/${name}%00.html`,
  name => `/${name}%20`,
  name => `/${name}.`,
  name => `/${name};x`,
  name => `/${name};x/y`,
  name => `/;x/${name}`,
  name => `/x;/${name}`,
  name => `/${name}%3bx`,
  name => `/${name}#x`,
  name => `/${name}%23x`,
  name => `/${name}?x=/../admin`,
  name => `/${name}%3fx`,
  name => `/${name}::$data`,
  name => `/${name}~1`,
  name => `/${name}%c4%b1`,
  name => `/${name}/%`,
  name => `/${name}/%2`,
  name => `/${name}/%zz`,
  name => `/${name}/%ff`,
  name => `http://x/${name}`,
  name => `http:/${name}`,
  name => `*${name}`,
  name => `?/${name}`,
  name => `${name}/x`,
]

const TAILS = ['/.', '/..', '/%2e', '/%2e%2e', '/..;', '/.;', '/;', '//', '/%2f', '%2f', '\\', '%5c', '/*', '/:', '/@', '/%40', '/~', "/'", '/"', '/<', '/|', '/^', '/`', '/{}', '/[]', '/%7b', '/%5b', '/+', '/%2b', '/&', '/=', '/,', '/!', '/$', '/(', '/\u00e9', '/%c3%a9', '/%E2%80%AE', '/%80', '/%f0%9f%92%a9', '/?', '/??', '/?#', '/?%', '/?%00', '/?a=b/../c', '/a.b', '/-', '/_', '/%5f', '/%2d', '/%2e%2e%2e', '/%41']

function escaped(text: string, digits: 'lower' | 'upper'): string {
  return [...text]
    .map(letter => {
      const hex = letter.charCodeAt(0).toString(16)
      return `%${digits === 'upper' ? hex.toUpperCase() : hex}`
    })
    .join('')
}
