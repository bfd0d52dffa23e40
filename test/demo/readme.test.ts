import { EventEmitter, once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { ANY_PORTS, DEFAULT_PORTS } from '../../demo/ports.js'
import { startDemo } from '../../demo/start-demo.js'
import { runCli } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'

// The README's examples, run: what it shows is what a reader gets.

const README = readFileSync('README.md', 'utf8')

t.test('the curl lines print what the README says', async t => {
  const lines: string[] = []
  const heard = new EventEmitter()
  const denied = once(heard, 'cors.denied')
  const demo = await startDemo({
    ports: ANY_PORTS,
    onAuditLine: line => {
      lines.push(line)
      heard.emit(JSON.parse(line).event)
    },
  })
  t.teardown(() => demo.close())
  const ports = new Map([
    [DEFAULT_PORTS.gateway, demo.gateway.url],
    [DEFAULT_PORTS.allowedPage, demo.allowedPage.url],
    [DEFAULT_PORTS.foreignPage, demo.foreignPage.url],
  ])
  const here = (text: string): string =>
    [...ports].reduce((moved, [port, url]) => moved.replaceAll(`http://127.0.0.1:${port}`, url), text)

  for (const name of ['allowed', 'foreign', 'preflight']) {
    const { command, output } = example(name)
    const shown = here(output.trimEnd())
    t.same(normal(await curl(here(command))), normal(shown), name)
  }

  const [, wrapped = ''] = /<!-- demo: record -->\n```json\n([\s\S]*?)```/.exec(README) ?? []
  const gateway = new URL(demo.gateway.url).host
  const shown = JSON.parse(
    here(wrapped)
      .replace(/\n ?/g, '')
      .replace(',…}', '}')
      .replace(`127.0.0.1:${DEFAULT_PORTS.gateway}`, gateway),
  )
  await denied
  const records = lines.map(line => JSON.parse(line))
  t.match(records[1], { seq: 2, event: 'upstream.cors_stripped', route: 'orders' }, 'the line before it')
  t.match({ ...records[2], time: '', boot: '' }, { ...shown, time: '', boot: '' }, 'the record of the denial')
})

t.test('the audit log that is reported on is the one that serve was told to write', async t => {
  const [, written] = /serve .*--audit-file (\S+)/.exec(README) ?? []
  t.match(written, /^audit\./)
  for (const page of ['README.md', 'docs/audit.md']) {
    const read = readFileSync(page, 'utf8').matchAll(/audit (?:report|suggest) ([\w.]+)/g)
    for (const [line, name] of read) t.equal(name, written, `${page}: ${line}`)
  }
})

t.test('the mistakes are reported as the README shows them', async t => {
  const policy =
    /```yaml\n# policy\.yaml\n([\s\S]*?)```/.exec(README)?.[0].replace(/^```yaml\n|```$/g, '') ?? ''
  t.match(policy, /upstream: api/)
  const dir = t.testdir()
  const file = join(dir, 'policy.yaml')
  writeFileSync(
    file,
    policy.replace('upstream: api', 'upstream: apj').replace('[https://www.shop.example]', '["*"]'),
  )
  const { code, stderr } = await runCli(['serve', '--policy', file])
  t.equal(code, 2)
  t.equal(stderr.replaceAll(`${dir}/`, ''), example('mistake').output)
})

function example(name: string): { command: string; output: string } {
  const [, command = '', output = ''] =
    new RegExp(`<!-- demo: ${name} -->\n\`\`\`console\n\\$ (.*)\n([\\s\\S]*?)\`\`\``).exec(README) ?? []
  return { command, output }
}

/** Does what the curl line says and writes what `curl -i` would. */
async function curl(command: string): Promise<string> {
  const headers = Object.fromEntries(
    [...command.matchAll(/-H '([^:]+): ([^']*)'/g)].map(([, name, value]) => [name, value]),
  )
  const cookie = /-b (\S+)/.exec(command)?.[1]
  const url = new URL(command.split(' ').at(-1) ?? '')
  const method = /-X (\S+)/.exec(command)?.[1] ?? 'GET'
  const sent = { ...headers, ...(cookie !== undefined && { cookie }), connection: 'keep-alive' } as Record<
    string,
    string
  >
  const answer = await send(Number(url.port), { method, path: url.pathname, headers: sent })
  const lines = answer.rawHeaders.flatMap((name, index) =>
    index % 2 === 0 ? [`${name}: ${answer.rawHeaders[index + 1]}`] : [],
  )
  return [`HTTP/1.1 ${answer.status} ${answer.reason}`, ...lines, '', answer.body.trimEnd()]
    .join('\n')
    .trimEnd()
}

// What differs from run to run: the time, the request's id, and the length of a port's number.
function normal(text: string): string {
  return text
    .replace(/^(Date|X-Request-Id): .*$/gm, '$1: …')
    .replace(/"requestId":"[^"]*"/, '"requestId":"…"')
}
