import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { Ajv } from 'ajv'
import t, { type Test } from 'tap'
import { parse } from 'yaml'
import { SETTINGS, variableOf } from '../../src/settings.js'
import { runCli, startGateway } from '../helpers/gateway.js'
import { send } from '../helpers/send.js'
import { workDir } from '../helpers/work-dir.js'
import { findPromtool } from './prometheus.js'

const PROMTOOL = findPromtool()
const ROOT = resolve(import.meta.dirname, '../..')
const compose = parse(readFileSync(join(ROOT, 'compose.yaml'), 'utf8'))

t.test('compose.yaml is what the Compose specification allows', async t => {
  const schema = JSON.parse(readFileSync(join(import.meta.dirname, 'compose-spec.json'), 'utf8'))
  const { $schema: _, ...draft7 } = schema
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(draft7)
  t.ok(validate(compose), JSON.stringify(validate.errors))
  const typo = structuredClone(compose)
  typo.services.gateway.enviroment = {}
  t.notOk(validate(typo), 'a typo is refused')
})

t.test('what compose.yaml mounts is there, and what it sets is known', async t => {
  for (const [name, service] of Object.entries<{ volumes?: string[] }>(compose.services)) {
    for (const volume of service.volumes ?? []) {
      const [source = ''] = volume.split(':')
      t.ok(existsSync(join(ROOT, source)), `${name} ${source}`)
    }
  }
  const known = SETTINGS.map(variableOf)
  for (const variable of Object.keys(compose.services.gateway.environment))
    t.ok(known.includes(variable), variable)
  const { code, stdout, stderr } = await runCli(['check', join(ROOT, 'deploy/compose/policy')])
  t.equal(code, 0, stdout + stderr)
})

t.test('the systemd unit is one, and sets what is known', { skip: skipWithoutSystemd() }, async t => {
  const unit = join(ROOT, 'deploy/crossgate.service')
  const known = SETTINGS.map(variableOf)
  for (const [, variable = ''] of readFileSync(unit, 'utf8').matchAll(/^Environment=(CROSSGATE_\w+)=/gm))
    t.ok(known.includes(variable), variable)
  const { status, stdout, stderr } = spawnSync('systemd-analyze', ['verify', unit], { encoding: 'utf8' })
  t.same([status, stdout + stderr], [0, ''])
})

t.test(
  'Prometheus takes the rules, the configuration and the exposition',
  { skip: skipWithoutPromtool() },
  async t => {
    const dir = workDir(t)
    const rules = join(dir, 'prometheus-alerts.yaml')
    copyFileSync(join(ROOT, 'deploy/prometheus-alerts.yaml'), rules)
    promtool(t, ['check', 'rules', rules])
    const config = readFileSync(join(ROOT, 'deploy/compose/prometheus.yml'), 'utf8')
    const [mounted = ''] = compose.services.prometheus.volumes[1].split(':').slice(1)
    t.match(config, mounted, 'the rules are where it looks for them')
    writeFileSync(join(dir, 'prometheus.yml'), config.replace(mounted, rules))
    promtool(t, ['check', 'config', join(dir, 'prometheus.yml')])

    copyFileSync(join(import.meta.dirname, 'alerts.test.yaml'), join(dir, 'alerts.test.yaml'))
    promtool(t, ['test', 'rules', join(dir, 'alerts.test.yaml')])

    for (const flags of [[], ['--workers', '2']]) {
      const gateway = await startGateway(t, {
        policy:
          'version: 1\nupstreams: { api: { url: "http://127.0.0.1:9" } }\nroutes: [{ id: api, path: /**, upstream: api }]\n',
        flags,
      })
      await send(gateway.port, { path: '/', headers: { origin: 'https://evil.example' } })
      const text = await (await fetch(`${gateway.admin}/metrics`)).text()
      const { status, stderr } = spawnSync(PROMTOOL!, ['check', 'metrics'], {
        input: text,
        encoding: 'utf8',
      })
      // It also lints names, of which those of the client library are not ours to choose.
      const ours = stderr.split('\n').filter(line => line.startsWith('crossgate_'))
      t.same(ours, [])
      t.ok(status === 0 || status === 3, stderr)
    }
  },
)

function promtool(t: Test, args: readonly string[]): void {
  const { status, stdout, stderr } = spawnSync(PROMTOOL!, args, { encoding: 'utf8' })
  t.equal(status, 0, `promtool ${args.slice(0, 2).join(' ')}: ${stdout}${stderr}`)
}

function skipWithoutPromtool(): string | false {
  if (PROMTOOL !== undefined) return false
  const problem = 'no promtool: on Debian, apt-get install prometheus'
  if (process.env['CI'] === 'true') throw new Error(problem)
  process.stderr.write(`\n*** TEST OF THE ALERTS SKIPPED: ${problem} ***\n\n`)
  return problem
}

// Not installed for it: a container has no use for systemd.
function skipWithoutSystemd(): string | false {
  return spawnSync('systemd-analyze', ['--version']).status === 0 ? false : 'no systemd-analyze here'
}
