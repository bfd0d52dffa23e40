import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import t from 'tap'
import { runPeak } from '../run-peak.js'

const listen = "server.listen(0, '127.0.0.1', () => console.log(server.address().port))"
const CLEAN = `import { createServer } from 'node:http'
const server = createServer((request, response) => response.setHeader('Vary', 'Origin').end('data'))
${listen}`
const REFLECTING = `import { createServer } from 'node:http'
const server = createServer((request, response) => {
  const { origin } = request.headers
  if (origin) response.setHeader('Access-Control-Allow-Origin', origin).setHeader('Access-Control-Allow-Credentials', 'true')
  response.end('data')
})
${listen}`

/**
 * A file of URLs, clean ones: they cost every probe, a hundred and forty requests each. The server is another process,
 * as servers are.
 */
for (const { urls, clean } of [
  { urls: 1000, clean: false },
  { urls: 200, clean: true },
]) {
  t.test(`${urls} ${clean ? 'clean' : 'reflecting'} URLs`, { timeout: 300_000 }, async t => {
    const server = spawn(process.execPath, ['--input-type=module', '-e', clean ? CLEAN : REFLECTING], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    t.teardown(() => server.kill())
    const [port] = (await once(server.stdout, 'data')) as [Buffer]
    const lines = Array.from(
      { length: urls },
      (_, at) => `http://127.0.0.1:${String(port).trim()}/item/${at}`,
    )
    const file = join(t.testdir({ 'urls.txt': lines.join('\n') }), 'urls.txt')
    const args = ['scan', '--urls', file, '--allow-private', '--rate', '0', '--format', 'json']

    const whole = await runPeak(args)
    const report = JSON.parse(whole.stdout)
    const requests = report.targets.reduce(
      (sum: number, each: { requests: number }) => sum + each.requests,
      0,
    )
    process.stderr.write(
      `${urls} ${clean ? 'clean' : 'reflecting'} URLs: ${requests} requests, ${whole.seconds} s, peak ${whole.peak} MB\n`,
    )
    t.equal(whole.code, clean ? 0 : 1)
    t.equal(report.targets.length, urls)
    t.ok(report.targets.every(({ status }: { status: string }) => status === 'scanned'))
    t.ok(whole.peak > 30 && whole.peak < 400, `${whole.peak} MB at most`)

    const cut = await runPeak(args, child => {
      child.stderr?.on('data', chunk => {
        if (String(chunk).includes(`${urls / 2} of `)) child.kill('SIGINT')
      })
    })
    const partial = JSON.parse(cut.stdout)
    t.equal(cut.code, clean ? 3 : 1, 'cut off is not clean, and what was found counts')
    t.equal(partial.interrupted, true)
    t.ok(
      partial.targets.length >= urls / 2 && partial.targets.length < urls,
      `it prints the ${partial.targets.length} of ${urls} that it has`,
    )
  })
}
