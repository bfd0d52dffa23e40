import { type IncomingHttpHeaders, request } from 'node:http'
import { CASES, type RequestToSend, requestsOf } from './cases.js'
import { ALLOWED, type PolicySize } from './policy-sizes.js'

/** What a proxy answered to one request of every case. */
export interface Answers {
  /** The status for each case, by its name. */
  readonly statuses: Readonly<Record<string, number>>
  /** What it does otherwise than asked for; empty: it does the same job. */
  readonly deviations: readonly string[]
}

/** Asks every case once: is the policy kept, does the upstream's opinion on CORS stay behind, can caches be shared? */
export async function checkAnswers(port: number, size: PolicySize): Promise<Answers> {
  const statuses: Record<string, number> = {}
  const deviations = new Set<string>()
  for (const each of CASES) {
    const asked = requestsOf(each, size).at(-1)!
    const answer = await send(port, asked)
    statuses[each.name] = answer.status
    for (const deviation of deviationsOf(each.name, asked, answer)) deviations.add(deviation)
  }
  return { statuses, deviations: [...deviations] }
}

function deviationsOf(
  name: string,
  asked: RequestToSend,
  { status, headers, bytes }: Answer,
): readonly string[] {
  const allowOrigin = headers['access-control-allow-origin']
  const exposed = headers['access-control-expose-headers'] ?? ''
  const origin = asked.headers['Origin']
  const forwarded = headers['x-from-upstream'] !== undefined
  const preflight = asked.method === 'OPTIONS'
  const denied = name.endsWith('denied')
  const listed = (header: string, value: string) => tokens(headers[header]).includes(value)
  const all: readonly (readonly [boolean, string])[] = [
    [
      allowOrigin === '*' || allowOrigin?.includes(', ') === true,
      'lets the upstream’s Access-Control-Allow-Origin through',
    ],
    [exposed.includes('x-internal'), 'lets the upstream’s Access-Control-Expose-Headers through'],
    [denied && allowOrigin === origin, 'allows an origin that is not allowed'],
    [denied && !preflight && forwarded, 'forwards requests of origins that are not allowed'],
    [denied && preflight && forwarded, 'forwards preflights of origins that are not allowed'],
    [
      denied && preflight && !forwarded && headers['access-control-allow-methods'] !== undefined,
      'tells origins that are not allowed its methods',
    ],
    [!preflight && !denied && !forwarded, 'forwards nothing'],
    [name === 'preflight' && forwarded, 'forwards preflights'],
    [name === 'preflight' && (status < 200 || status > 299), `answers an allowed preflight with ${status}`],
    [name === 'preflight' && !listed('access-control-allow-methods', 'post'), 'allows no POST'],
    [
      name === 'preflight' && !listed('access-control-allow-headers', ALLOWED.headers[0]),
      'allows no Content-Type',
    ],
    [
      name === 'preflight' && headers['access-control-max-age'] !== String(ALLOWED.maxAgeSeconds),
      'says no Max-Age',
    ],
    [
      asked.headers['Origin'] !== undefined && !denied && allowOrigin !== origin,
      'does not allow an allowed origin by its name',
    ],
    [!listed('vary', 'origin'), `sends no Vary: Origin with ${WHERE[name] ?? 'an allowed request'}`],
    [
      !preflight && !denied && (status !== 200 || bytes !== (name === 'get-64k' ? 65_536 : 100)),
      `answers ${name} with ${status} and ${bytes} bytes`,
    ],
  ]
  return all.filter(([deviates]) => deviates).map(([, text]) => text)
}

const WHERE: Readonly<Record<string, string>> = {
  preflight: 'a preflight',
  'preflight-denied': 'a denied preflight',
  'get-denied': 'a denied request',
  'get-no-origin': 'a request without Origin',
}

function tokens(value: string | string[] | undefined): readonly string[] {
  return [value ?? []].flat().flatMap(line => line.toLowerCase().split(/\s*,\s*/))
}

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly bytes: number
}

export function send(port: number, { method, path, headers, body }: RequestToSend): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ host: '127.0.0.1', port, method, path, headers, agent: false }, response => {
      let bytes = 0
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length
      })
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, bytes }))
      response.on('error', reject)
    })
    outgoing.on('error', reject)
    outgoing.end(Buffer.alloc(body, 'x'))
  })
}
