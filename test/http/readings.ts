/**
 * Six ways in which servers behind a proxy read a path (promises.md, R1), each from raw path to decoded segments, one
 * character per byte. Written from the specs and the servers' documentation, apart from src/http.
 */
export const READINGS: Readonly<Record<string, (path: string) => readonly string[]>> = {
  /** https://url.spec.whatwg.org/#path-state, by the one implementation at hand. */
  WHATWG: path => split(new URL(`http://host${path}`).pathname).map(percentDecode),

  /** RFC 3986 section 5.2.4, letter by letter, before anything is decoded. */
  'RFC 3986': path => split(removeDotSegments(path)).map(percentDecode),

  /** nginx, ngx_http_parse_complex_uri: decode once, merge slashes, then dots. */
  nginx: path => walk(percentDecode(path)),

  /** A servlet container: `;parameters` go before anything is decoded, then as nginx. */
  servlet: path =>
    walk(
      percentDecode(
        path
          .split('/')
          .map(segment => segment.split(';')[0] ?? '')
          .join('/'),
      ),
    ),

  /** IIS: a backslash is a slash, encoded or not. */
  IIS: path => walk(percentDecode(path).replaceAll('\\', '/')),

  /** Whoever decodes, hands on, and decodes again. */
  'double decode': path => walk(percentDecode(percentDecode(path))),
}

/** Each valid escape to its byte; what is none stays, as lenient servers have it. */
export function percentDecode(text: string): string {
  let decoded = ''
  for (let at = 0; at < text.length; at++) {
    const hex = text.slice(at + 1, at + 3)
    if (text[at] === '%' && hex.length === 2 && [...hex].every(digit => HEX.includes(digit))) {
      decoded += String.fromCharCode(Number.parseInt(hex, 16))
      at += 2
    } else {
      decoded += text[at]
    }
  }
  return decoded
}

function split(path: string): readonly string[] {
  return path.slice(1).split('/')
}

/** Merges slashes and resolves dots; a last dot leaves a trailing slash. */
function walk(path: string): readonly string[] {
  const stack: string[] = []
  const segments = split(path)
  segments.forEach((segment, index) => {
    const last = index === segments.length - 1
    if (segment === '..') stack.pop()
    else if (segment !== '.' && segment !== '') stack.push(segment)
    if (last && (segment === '' || segment === '.' || segment === '..')) stack.push('')
  })
  return stack
}

function removeDotSegments(path: string): string {
  let input = path
  let output = ''
  while (input !== '') {
    if (input.startsWith('/./')) input = input.slice(2)
    else if (input === '/.') input = '/'
    else if (input.startsWith('/../') || input === '/..') {
      input = `/${input.slice(4)}`
      output = output.slice(0, Math.max(0, output.lastIndexOf('/')))
    } else {
      const next = input.indexOf('/', 1)
      const end = next === -1 ? input.length : next
      output += input.slice(0, end)
      input = input.slice(end)
    }
  }
  return output
}

const HEX = '0123456789abcdefABCDEF'
