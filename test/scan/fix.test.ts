import type { RequestListener } from 'node:http'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'
import { runCli } from '../helpers/gateway.js'
import { FLAGS, reflect, serve } from './local-server.js'

t.test('the fix grants credentials only where the server does', async t => {
  const sends =
    (headers: Record<string, string>): RequestListener =>
    (_, response) =>
      void response.writeHead(200, headers).end('data')
  const star = { 'Access-Control-Allow-Origin': '*' }
  const sites = { 'Access-Control-Allow-Origin': 'https://a.example, https://b.example' }
  const credentials = { 'Access-Control-Allow-Credentials': 'true' }
  const withoutCredentials: RequestListener = (request, response) => {
    const { origin } = request.headers
    if (origin !== undefined) response.setHeader('Access-Control-Allow-Origin', origin)
    if (request.method === 'OPTIONS' || request.method === 'HEAD')
      response.setHeader('Access-Control-Allow-Credentials', 'true')
    response.end('data')
  }
  const cases: readonly (readonly [string, string, boolean, RequestListener])[] = [
    ['reflected with them', 'origin-reflected', true, reflect],
    ['reflected without, but for OPTIONS and HEAD', 'internal-readable', false, withoutCredentials],
    ['"*"', 'internal-readable', false, sends(star)],
    ['"*" with them, which browsers refuse', 'internal-readable', false, sends({ ...star, ...credentials })],
    [
      'a list with them, which is what was meant',
      'acao-malformed',
      true,
      sends({ ...sites, ...credentials }),
    ],
    ['a list without', 'acao-malformed', false, sends(sites)],
    ['elsewhere than at the URL', 'elsewhere-accepted', true, elsewhere(reflect)],
    ['elsewhere, too, without', 'elsewhere-accepted', false, elsewhere(withoutCredentials)],
  ]
  await Promise.all(
    cases.map(async ([name, code, granted, listener]) => {
      const server = await serve(t, listener)
      const fix = await fixOf(server.url, code)
      const { policy, text } = pasted(t, fix, server.origin)
      t.same(
        policy?.routes[0]?.cors.map(each => each.allowCredentials),
        [granted],
        `${name}: ${text}`,
      )
      t.match(
        fix,
        /^ +(?:# )?allowCredentials: true {2}# only if they send cookies$/m,
        `${name}: it is named`,
      )
    }),
  )
})

t.test('the pasted fix allows no more than the server did', async t => {
  const server = await serve(t, (_, response) => {
    response.setHeader('Access-Control-Allow-Origin', '*')
    response.end('data')
  })
  const { text } = pasted(t, await fixOf(server.url, 'internal-readable'), server.origin)
  const file = join(t.testdir({ 'policy.yaml': text }), 'policy.yaml')
  const { stdout } = await runCli(['scan', server.url, '--policy', file, ...FLAGS])
  t.match(stdout, 'policy-wider', 'what it mends')
  t.notMatch(stdout, 'policy-narrower', 'and nothing on top')
})

t.test('the fix says whose name stands in hosts', async t => {
  const server = await serve(t, reflect)
  const fix = await fixOf(server.url, 'origin-reflected')
  t.match(fix, '  hosts: ["127.0.0.1"]  # the name that browsers ask')
})

function elsewhere(listener: RequestListener): RequestListener {
  return (request, response) =>
    request.url?.endsWith('-unknown') ? listener(request, response) : void response.end('data')
}

async function fixOf(url: string, code: string): Promise<string> {
  const { stdout } = await runCli(['scan', url, ...FLAGS, '--format', 'json'])
  const { findings } = JSON.parse(stdout)
  return findings.find((finding: { code: string }) => finding.code === code)?.fix ?? `no ${code}: ${stdout}`
}

function pasted(t: Test, fix: string, upstream: string) {
  const text = `version: 1\nupstreams: { api: { url: "${upstream}" } }\nroutes:\n${fix.replace(/^/gm, '  ')}\n`
  const { policy, problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
  t.ok(policy, JSON.stringify(problems))
  return { policy, text }
}
