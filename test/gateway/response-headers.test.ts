import t from 'tap'
import { decision } from '../../src/cors/decision.js'
import { clientHeaders } from '../../src/gateway/forward/response-headers.js'

const ALLOWED = decision('actual', 'origin-allowed', {
  headers: ['Access-Control-Allow-Origin', 'https://app.example'],
  vary: ['Origin'],
})
const OURS = ['Access-Control-Allow-Origin', 'https://app.example', 'Vary', 'Origin']
const REPORT = decision('actual', 'origin-not-allowed', { enforced: false, action: 'forward' })

t.test('the same names, values, order and number; ours come last', async t => {
  const lines = ['aCCept-Ranges', 'bytes', 'Set-Cookie', 'a=1', 'Set-Cookie', 'b=2', 'X-Empty', '']
  t.same(clientHeaders(ALLOWED, lines), { headers: [...lines, ...OURS], said: { names: [] } })
})

t.test('what is of one connection goes, in report mode too', async t => {
  const lines = ['Keep-Alive', 'timeout=5', 'X-Hop', '1', 'Connection', 'X-HOP, vary', 'x-hop', '2', 'A', '3']
  t.same(clientHeaders(ALLOWED, lines).headers, ['A', '3', ...OURS])
  t.same(clientHeaders(REPORT, lines).headers, ['A', '3'])
})

t.test('what the upstream says about CORS goes, and is told', async t => {
  const lines = [
    ...['ACCESS-control-Allow-Origin', 'https://evil.example', 'Access-Control-Allow-Credentials', 'true'],
    ...['Access-Control-Expose-Headers', 'x-a', 'access-control-expose-headers', 'x-b'],
    ...['Timing-Allow-Origin', '*', 'A', '1'],
  ]
  const said = {
    names: [
      ...['access-control-allow-origin', 'access-control-allow-credentials'],
      ...['access-control-expose-headers', 'access-control-expose-headers', 'timing-allow-origin'],
    ],
    allowOrigin: 'https://evil.example',
    allowCredentials: true,
    exposeHeaders: 'x-a, x-b',
  }
  t.same(clientHeaders(ALLOWED, lines), { headers: ['A', '1', ...OURS], said })
  t.same(clientHeaders(REPORT, lines), { headers: lines, said }, 'in report mode it stays')
  t.same(
    clientHeaders(ALLOWED, ['Access-Control-Allow-Credentials', 'TRUE']).said,
    { names: ['access-control-allow-credentials'] },
    'no grant, byte for byte',
  )
})

t.test('one Vary, of its and ours', async t => {
  const cases: readonly (readonly [lines: string[], vary: string | undefined, own: string | undefined])[] = [
    [[], 'Origin', undefined],
    [['Vary', 'Accept-Encoding'], 'Accept-Encoding, Origin', 'Accept-Encoding'],
    [['vary', 'a', 'VARY', 'b'], 'a, b, Origin', 'a, b'],
    [['Vary', 'ORIGIN'], 'ORIGIN', 'ORIGIN'],
    [['Vary', '*'], '*', '*'],
  ]
  for (const [lines, vary, own] of cases) {
    t.same(varyOf(clientHeaders(ALLOWED, lines).headers), [vary], lines.join())
    t.same(varyOf(clientHeaders(REPORT, lines).headers), own === undefined ? [] : [own], 'in report mode')
  }
})

function varyOf(headers: readonly string[]): readonly (string | undefined)[] {
  return headers.flatMap((name, index) =>
    index % 2 === 0 && name.toLowerCase() === 'vary' ? [headers[index + 1]] : [],
  )
}
