import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'
import { runCli } from '../helpers/gateway.js'
import { FLAGS, reflect, SECRET, serve, serveBytes } from './local-server.js'
import { runPeak } from './run-peak.js'

t.test('exit codes', async t => {
  const reflecting = await serve(t, reflect)
  const right = await serve(t, (_, response) => response.end('data'))
  const gone = await serve(t, reflect)
  await gone.close()

  const scan = (...args: readonly string[]) => runCli(['scan', ...args, '--rate', '0', '--no-progress'])
  const local = '--allow-private'
  const named = right.url.replace('127.0.0.1', 'localhost')
  const [clean, found, below, never, unreachable, both, refused, byName] = await Promise.all([
    scan(right.url, local),
    scan(reflecting.url, local),
    scan(reflecting.url, local, '--fail-on', 'critical'),
    scan(reflecting.url, local, '--fail-on', 'none'),
    scan(right.url, gone.url, local),
    scan(reflecting.url, gone.url, local),
    scan(right.url),
    scan(named),
  ])
  t.equal(clean.code, 0, 'nothing found')
  t.equal(found.code, 1, 'found')
  t.equal(below.code, 0, 'below the threshold')
  t.equal(never.code, 0, 'no threshold')
  t.equal(unreachable.code, 3, 'a target could not be reached')
  t.match(unreachable.stdout, `unreachable ${gone.url}  connection refused`)
  t.equal(both.code, 1, 'a finding outweighs it')
  t.equal(refused.code, 3, 'private addresses only when asked')
  t.match(refused.stdout, `refused     ${right.url}  127.0.0.1 is a private address: add --allow-private`)
  t.match(refused.stdout, '0 of 1 URL scanned, 1 refused')
  t.match(byName.stdout, `refused     ${named}  localhost is `)
})

t.test('junit: the time of a URL is that of its scan', async t => {
  const server = await serve(t, reflect)
  const began = performance.now()
  const { stdout } = await runCli([
    'scan',
    server.url,
    '--allow-private',
    '--rate',
    '50',
    '--format',
    'junit',
  ])
  const most = (performance.now() - began) / 1000
  const times = [...stdout.matchAll(/ time="([\d.]+)"/g)]
  const [run, suite, scanned, ...findings] = times.map(([, time]) => Number(time))
  t.ok(
    suite! >= (server.seen.length - 2) / 50,
    `${suite} s for ${server.seen.length} requests, 50 per second`,
  )
  t.ok(suite! < most, 'no longer than the whole run')
  t.same([run, scanned], [suite, suite], 'the sums are right')
  t.ok(findings.length > 0 && findings.every(time => time === 0), 'judging takes no time')
})

t.test('--compare says what became of the first URL, and what is at the second', async t => {
  const reflecting = await serve(t, reflect)
  const right = await serve(t, (_, response) => response.end('data'))
  const compare = (before: string, after: string, format: string) =>
    runCli(['scan', before, '--compare', after, '--format', format, ...FLAGS])
  const [mended, same, none, markdown, page, json] = await Promise.all([
    compare(reflecting.url, right.url, 'text'),
    compare(reflecting.url, reflecting.url, 'text'),
    compare(right.url, right.url, 'text'),
    compare(reflecting.url, right.url, 'markdown'),
    compare(reflecting.url, right.url, 'html'),
    compare(reflecting.url, right.url, 'json'),
  ])
  const gone = JSON.parse(json.stdout).comparison.fixed.length
  t.ok(gone > 0)
  t.equal(mended.code, 0)
  t.match(mended.stdout, `\nNone at ${right.url}; ${gone} gone. 2 of 2 URLs scanned.\n`)
  t.equal(same.code, 1)
  t.match(same.stdout, / at http:[^;]*; \d+ still there\. 2 of 2/)
  t.match(none.stdout, `\nNone at ${right.url}; none at ${right.url} either. 2 of 2`)
  t.match(markdown.stdout, new RegExp(`none at .*; ${gone} gone\\.`))
  t.match(page.stdout, `: none at ${right.url}; ${gone} gone.</p>`)
})

t.test('usage errors: exit 2, one sentence, nothing sent', async t => {
  const server = await serve(t, reflect)
  const policy = join(t.testdir({ 'bad.yaml': 'version: 2\n', 'not.json': '{' }), 'bad.yaml')
  const cases: readonly (readonly [string, readonly string[], RegExp])[] = [
    ['no URL', [], /no URL to scan/],
    ['no URL at all', ['api.example'], /write it in full/],
    ['another scheme', ['ftp://api.example/'], /not http or https/],
    ['a password in the URL', ['http://me:pw@api.example/'], /give it as -H/],
    ['a bad header', [server.url, '-H', 'Authorization Bearer 5ecret'], /-H takes "Name: value"/],
    ['an Origin as header', [server.url, '-H', 'Origin: https://a.example'], /leave it out/],
    ['an origin with a path', [server.url, '--origin', 'https://a.example/x'], /write https:\/\/a.example/],
    ['a bad rate', [server.url, '--rate', 'fast'], /whole number/],
    ['a bad format', [server.url, '--format', 'pdf'], /Allowed choices/],
    [
      'a missing file',
      ['--urls', '/nonexistent'],
      /cannot read the URLs in \/nonexistent: there is no such file/,
    ],
    ['a bad baseline', [server.url, '--baseline', join(policy, '../not.json')], /--format json/],
    ['an invalid policy', [server.url, '--policy', policy], /the policy is invalid/],
    ['two URLs to compare', [server.url, server.url, '--compare', server.url], /exactly one URL/],
    ['a bad resolve', [server.url, '--resolve', 'api.example'], /host:address/],
  ]
  const ran = await Promise.all(cases.map(([, args]) => runCli(['scan', ...args])))
  cases.forEach(([name, , says], at) => {
    const { code, stdout, stderr } = ran[at]!
    t.equal(code, 2, name)
    t.match(stderr, says, name)
    t.equal(stdout, '', name)
    t.notMatch(stderr, '5ecret', name)
  })
  t.equal(server.seen.length, 0, 'nothing was sent')
})

t.test('the session is used, and printed nowhere', async t => {
  const server = await serve(t, (request, response) => {
    // Says it back where a careless scanner would print it.
    response.setHeader('Vary', `Origin, ${request.headers.cookie ?? 'none'}`)
    reflect(request, response)
  })
  const file = join(t.testdir({ 'session.txt': `Cookie: ${SECRET}\n` }), 'session.txt')
  const formats = ['text', 'json', 'sarif', 'github', 'junit', 'markdown', 'html']
  const args = ['scan', server.url, ...FLAGS, '-H', `@${file}`, '--format']
  const ran = await Promise.all(formats.map(format => runCli([...args, format])))
  formats.forEach((format, at) => {
    const { stdout, stderr } = ran[at]!
    t.match(stdout, 'critical', `${format}: proven with the session`)
    t.notMatch(stdout + stderr, /5ecret/, `${format}: no secret`)
  })
  const moved = await serve(t, (request, response) => {
    response.writeHead(302, { Location: `/login?${request.headers.cookie}` }).end()
  })
  const { stdout } = await runCli(['scan', moved.url, ...FLAGS, '-H', `Cookie: ${SECRET}`])
  t.match(stdout, 'redirect-not-followed')
  t.notMatch(stdout, /5ecret/, 'nor in a sentence')
  t.ok(server.seen.some(({ cookie }) => cookie === SECRET))
  const preflights = server.seen.filter(({ asks }) => asks !== undefined)
  t.ok(preflights.length > 0)
  t.same([...new Set(preflights.map(({ cookie }) => cookie))], [undefined], 'no preflight carries it')
})

t.test('a hostile target, in every format', async t => {
  const port = await serveBytes(
    t,
    [
      `HTTP/1.1 200 <script>alert(1)</script>\x1b[2J\x9b31m::error::pwned ${SECRET}`,
      `Access-Control-Allow-Origin: <img src=x onerror=alert(1)>\x9b31m|[x](javascript:alert(1))\`\`\`${SECRET}`,
      `Vary: ${'v'.repeat(290)}${SECRET}`,
      `Set-Cookie: \x9b31m<b>${'n'.repeat(60)}=v4lue`,
      `Set-Cookie: nam3less-v4lue`,
      `Set-Cookie: ${'c'.repeat(36)}${SECRET}=v4lue`,
      ...Array.from({ length: 20 }, (_, at) => `Set-Cookie: more${at}=v4lue`),
      `Content-Security-Policy: default-src 'self' https://v4lue.example; frame-ancestors https://v4lue.example`,
      'Referrer-Policy: v4lue',
      'Cross-Origin-Opener-Policy: v4lue',
      '',
      '',
    ].join('\r\n'),
  )
  const moved = await serveBytes(
    t,
    `HTTP/1.1 302 Found\r\nLocation: javascript:alert(1)//${'l'.repeat(280)}${SECRET}\x9b31m</td><script>\r\n\r\n`,
  )
  const urls = [port, moved].map(each => `http://127.0.0.1:${each}/me`)
  const args = ['scan', ...urls, ...FLAGS, '--headers', '-H', `Cookie: ${SECRET}`, '--format']
  const formats = ['text', 'json', 'sarif', 'github', 'junit', 'markdown', 'html'] as const
  const ran = await Promise.all(formats.map(format => runCli([...args, format])))
  const said = new Map(formats.map((format, at) => [format, ran[at]!.stdout]))
  for (const [format, text] of said) {
    t.match(text, 'acao-malformed', `${format}: it is a report`)
    t.notMatch(text, /[^\P{Cc}\n]|\p{Cf}|[\u2028\u2029]/u, `${format}: nothing that a terminal acts on`)
    t.notMatch(text, /5ecret|alice/, `${format}: no secret, nor a part of one`)
    t.notMatch(text, /v4lue/, `${format}: no value of a cookie or a header beside CORS`)
  }
  const text = said.get('text') ?? ''
  t.match(text, 'a cookie without a name lacks Secure, HttpOnly, SameSite')
  t.match(text, /n{20,36}… lacks/, 'names are capped')
  t.match(text, 'and 18 more')
  t.notMatch(said.get('html'), /<script|<img|<b>n|href="javascript/i)
  t.notMatch(said.get('junit'), /<(?:script|img|b>n)/i)
  t.same(
    (said.get('github') ?? '')
      .split('\n')
      .filter(line => line !== '' && !/^::(?:error|warning|notice) title=/.test(line)),
    [],
    'no command of its own',
  )
  const prose = (said.get('markdown') ?? '')
    .replace(/^(`{3,})[^\n]*\n[\s\S]*?\n\1$/gm, '')
    .replace(/(?<![\\`])(`+)[^`][^\n]*?\1/g, '')
  t.notMatch(prose, /(?<!\\)(?:<[a-z]|\]\(javascript)/i, 'no tag or link outside of code')
  t.same(JSON.parse(said.get('json') ?? '').targets.length, 2)
})

t.test('manners', async t => {
  const away = await serve(t, (_, response) => response.end())
  const server = await serve(t, (_, response) => response.writeHead(302, { Location: away.url }).end())
  const started = Date.now()
  const { stdout } = await runCli(['scan', server.url, '--allow-private', '--rate', '100', '--no-progress'])
  t.equal(away.seen.length, 0, 'redirects are not followed')
  t.match(stdout, `Redirects elsewhere, which was not scanned: ${away.url}`)
  t.ok(Date.now() - started > (server.seen.length - 1) * 10 * 0.9, 'not faster than the rate')
  t.same([...new Set(server.seen.map(({ agent }) => agent))], ['crossgate-scan/0.1.0'])
  t.same(
    [...new Set(server.seen.map(({ method }) => method))].sort(),
    ['GET', 'HEAD', 'OPTIONS', 'PROPFIND'],
    'safe methods only, and nothing is changed',
  )
  t.same(
    server.seen.filter(({ method, cookie }) => method === 'PROPFIND' && cookie !== undefined),
    [],
    'what is not served is asked without the session',
  )
  t.ok(
    server.seen.filter(({ url }) => !url.includes('=1')).every(({ control }) => control === 'no-store'),
    'no cache is to keep an answer, but under a query of our own',
  )

  const limited = await serve(t, (_, response) => {
    response.writeHead(limited.seen.length > 20 ? 429 : 200).end()
  })
  const result = await runCli(['scan', limited.url, ...FLAGS])
  t.equal(result.code, 3, 'a scan that was cut off is no clean one')
  t.match(result.stdout, /answered 429: scan again with a lower --rate/)

  const guarded = await serve(t, (_, response) => {
    response.writeHead(guarded.seen.length > 40 ? 403 : 200).end()
  })
  const blocked = await runCli(['scan', guarded.url, ...FLAGS])
  t.equal(blocked.code, 3, 'nor is one that a firewall began to refuse')
  t.match(blocked.stdout, /incomplete .*answered 200 at first and 403 at the end/)
})

t.test('--baseline reports only what is new', async t => {
  const server = await serve(t, reflect)
  const clean = await serve(t, (_, response) => response.end('data'))
  const first = await runCli(['scan', server.url, ...FLAGS, '--format', 'json'])
  const file = join(t.testdir({}), 'baseline.json')
  writeFileSync(file, first.stdout)
  const again = await runCli(['scan', server.url, ...FLAGS, '--baseline', file])
  t.equal(again.code, 0)
  const known = JSON.parse(first.stdout).findings.length
  t.match(again.stdout, `known       ${server.url}  nothing new, ${known} known, `)
  t.match(again.stdout, `No findings, ${known} known from the baseline`)
  const whole = JSON.parse(first.stdout)
  writeFileSync(file, JSON.stringify({ ...whole, findings: whole.findings.slice(1) }))
  const worse = await runCli(['scan', server.url, ...FLAGS, '--baseline', file])
  t.match(worse.stdout, `high        ${server.url}  Any origin is accepted, ${known - 1} known\n`)
  const none = await runCli(['scan', clean.url, ...FLAGS, '--baseline', file])
  t.match(none.stdout, `ok          ${clean.url}  nothing found, `, 'known is not what is not there')
  const other = await runCli(['scan', `${server.url}other`, ...FLAGS, '--baseline', file])
  t.equal(other.code, 1, 'another URL is new')
})

t.test('what mends a neighbour of the URL is a route that holds the neighbour', async t => {
  const neighbour = (path: string) => path.endsWith('-unknown')
  const slashed = (path: string) => path === '/api/orders/'
  const cases = [
    { opens: neighbour, path: '/api/**', holds: ['/api/x-unknown', '/api/orders'] },
    { opens: slashed, path: '/api/orders/**', holds: ['/api/orders/', '/api/orders'] },
  ]
  await Promise.all(
    cases.map(async ({ opens, path, holds }) => {
      const server = await serve(t, (request, response) =>
        opens(request.url ?? '') ? reflect(request, response) : response.end('data'),
      )
      const { stdout } = await runCli(['scan', `${server.origin}/api/orders`, ...FLAGS, '--format', 'json'])
      const { findings } = JSON.parse(stdout)
      t.match(findings, [{ code: 'elsewhere-accepted' }])
      const fix: string = findings[0].fix
      t.match(fix, `path: ${JSON.stringify(path)}`)
      const text = `version: 1\nupstreams: { api: { url: ${server.origin} } }\nroutes:\n${fix.replace(/^/gm, '  ')}\n`
      const { policy, problems } = loadPolicyFiles([{ file: 'policy.yaml', text }])
      t.ok(policy, JSON.stringify(problems))
      for (const each of holds)
        t.ok(policy?.table.find('127.0.0.1', each.slice(1).split('/')).route, `it holds ${each}`)
    }),
  )
})

t.test('many URLs: bounded concurrency, progress, interruption', async t => {
  let running = 0
  let most = 0
  const server = await serve(t, (request, response) => {
    most = Math.max(most, ++running)
    // Held for a moment, so that those that are under way at once are seen.
    setTimeout(() => {
      running--
      reflect(request, response)
    }, 1)
  })
  const urls = Array.from({ length: 120 }, (_, at) => `${server.url}${at}`)
  const file = join(t.testdir({ 'urls.txt': `# a comment\n\n${urls.join('\n')}\n` }), 'urls.txt')
  const args = [
    'scan',
    '--urls',
    file,
    '--allow-private',
    '--rate',
    '0',
    '--concurrency',
    '6',
    '--format',
    'json',
  ]

  const whole = await runPeak(args)
  const report = JSON.parse(whole.stdout)
  t.equal(whole.code, 1)
  t.equal(report.targets.length, 120)
  t.ok(report.targets.every(({ status }: { status: string }) => status === 'scanned'))
  t.equal(most, 6, 'as many requests at once as URLs, and no more')
  t.match(whole.stderr, /crossgate: 60 of 120 URLs, \d+ findings\n[\s\S]*crossgate: 120 of 120 URLs/)

  server.seen.length = 0
  const cut = await runPeak(args, child => {
    server.at(1000, () => child.kill('SIGINT'))
  })
  const partial = JSON.parse(cut.stdout)
  t.equal(cut.code, 1, 'what was found counts')
  t.equal(partial.interrupted, true)
  t.equal(partial.asked, 120)
  t.ok(partial.targets.length > 10 && partial.targets.length < 120, `${partial.targets.length} of 120`)
  t.ok(partial.findings.length > 10)
})
