import { cpSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { type Test, test } from 'tap'
import { parse } from 'yaml'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { SETTINGS, type SettingSpec, variableOf } from '../../src/settings.js'
import { workDir } from '../helpers/work-dir.js'
import { checkApiTypes } from './api-types.js'
import { helm, kubectl, type Manifest, manifests, template } from './tools.js'
import { CHART_SETTINGS, chartSettings, valuesSchema } from './values-schema.js'

const CHART = 'helm/crossgate'
const LIBRARY = 'helm/crossgate-sidecar'
const SCENARIOS = readdirSync(join(CHART, 'ci')).sort()
const rendered = new Map(SCENARIOS.map(name => [name, template(CHART, '-f', join(CHART, 'ci', name))]))

test('the charts pass helm lint --strict', async t => {
  t.match(helm('version').stdout, /v4\./)
  for (const name of SCENARIOS) {
    const { code, stdout, stderr } = helm('lint', '--strict', '--quiet', CHART, '-f', join(CHART, 'ci', name))
    t.equal(code, 0, `${name} ${stdout}${stderr}`)
  }
  const { code, stdout } = helm('lint', '--strict', '--quiet', LIBRARY)
  t.equal(code, 0, stdout)
})

test('values.schema.json is what the code says; npm run chart:schema writes it', async t => {
  const text = `${JSON.stringify(valuesSchema(), null, 2)}\n`
  const file = join(CHART, 'values.schema.json')
  if (process.env['UPDATE_CHART_SCHEMA'] === '1') writeFileSync(file, text)
  t.equal(readFileSync(file, 'utf8'), text)
  const values = Object.keys(parse(readFileSync(join(CHART, 'values.yaml'), 'utf8')))
  t.same(
    values.sort(),
    Object.keys(valuesSchema()['properties'] as object)
      .filter(key => key !== 'global')
      .sort(),
  )
})

test('every object of every scenario is what the Kubernetes API knows', { timeout: 300_000 }, async t => {
  t.ok(SCENARIOS.length >= 12, `${SCENARIOS.length} scenarios`)
  const objects = new Map<string, Manifest>()
  for (const [name, list] of rendered)
    for (const object of list) objects.set(`${name} ${object.kind}/${object.metadata.name}`, object)
  for (const object of sidecarApp(t)) objects.set(`library ${object.kind}`, object)
  for (const object of plainSidecar()) objects.set(`plain ${object.kind}`, object)
  for (const object of kustomized()) objects.set(`kustomize ${object.kind}/${object.metadata.name}`, object)
  t.same(await checkApiTypes(objects), [])
  t.comment(`${objects.size} objects checked`)
  const kinds = new Set([...objects.values()].map(({ kind }) => kind))
  for (const kind of [
    'Deployment',
    'HorizontalPodAutoscaler',
    'HTTPRoute',
    'Ingress',
    'NetworkPolicy',
    'PrometheusRule',
    'ServiceMonitor',
  ])
    t.ok(kinds.has(kind), kind)
})

test('the check itself refuses unknown keys, wrong types and wrong values', async t => {
  const deployment = deploymentOf('01-minimal-values.yaml')
  const broken = (change: (copy: Manifest) => void): Manifest => {
    const copy = structuredClone(deployment)
    change(copy)
    return copy
  }
  const mistakes = await checkApiTypes(
    new Map([
      [
        'unknown',
        broken(copy => {
          containerOf(copy).readinesProbe = {}
        }),
      ],
      [
        'type',
        broken(copy => {
          containerOf(copy).ports[0].containerPort = '8080'
        }),
      ],
      [
        'missing',
        broken(copy => {
          delete copy['spec'].selector
        }),
      ],
    ]),
  )
  for (const label of ['unknown', 'type', 'missing'])
    t.match(mistakes.join('\n'), new RegExp(`^${label}: `, 'm'))
})

test('every pod is restricted, without a token, and can write nowhere', async t => {
  for (const [name, list] of rendered) {
    for (const pod of list.map(podOf).filter(found => found !== undefined)) {
      t.equal(pod.automountServiceAccountToken, false, name)
      t.match(pod.securityContext, {
        runAsNonRoot: true,
        runAsUser: 65532,
        seccompProfile: { type: 'RuntimeDefault' },
      })
      for (const container of pod.containers) restricted(t, container, name)
    }
    t.notOk(
      list.some(({ kind }) => /Role/.test(kind)),
      `${name}: no RBAC at all`,
    )
  }
  for (const object of [...sidecarApp(t), ...plainSidecar(), ...kustomized()]) {
    for (const container of podOf(object)?.initContainers ?? []) {
      restricted(t, container, object.kind)
      t.equal(container.restartPolicy, 'Always', 'a native sidecar')
      t.ok(container.startupProbe, 'the application waits for it')
    }
  }
})

test('probes ask the admin port, which no service but Prometheus’s publishes', async t => {
  for (const [name, list] of rendered) {
    const container = containerOf(list.find(({ kind }) => kind === 'Deployment')!)
    t.match(container.startupProbe.httpGet, { path: '/readyz', port: 'admin' }, name)
    t.match(container.readinessProbe.httpGet, { path: '/readyz', port: 'admin' }, name)
    t.match(container.livenessProbe.httpGet, { path: '/healthz', port: 'admin' }, name)
    for (const { metadata, spec, kind } of list) {
      if (kind !== 'Service' || metadata.name.endsWith('-admin')) continue
      t.same(
        spec.ports.map((port: { targetPort: string }) => port.targetPort),
        ['http'],
        name,
      )
    }
  }
})

test('a pod keeps serving until it is out of the balancers, and drains before it is killed', async t => {
  for (const [name, list] of rendered) {
    const { spec } = list.find(({ kind }) => kind === 'Deployment')!
    const container = spec.template.spec.containers[0]
    const seconds = (variable: string) => Number.parseInt(environment(container)[variable] ?? '', 10)
    const { terminationGracePeriodSeconds } = spec.template.spec
    const needed = container.lifecycle.preStop.sleep.seconds + seconds('CROSSGATE_DRAIN_TIMEOUT')
    t.ok(terminationGracePeriodSeconds > needed, `${name}: ${terminationGracePeriodSeconds} > ${needed}`)
    t.same(spec.strategy.rollingUpdate, { maxUnavailable: 0, maxSurge: 1 })
  }
})

test('replicas are the HPA’s where there is one; a single replica has no disruption budget', async t => {
  t.equal(deploymentOf('01-minimal-values.yaml')['spec'].replicas, 2)
  t.notOk('replicas' in deploymentOf('05-hpa-values.yaml')['spec'])
  const budget = (name: string) => rendered.get(name)!.some(({ kind }) => kind === 'PodDisruptionBudget')
  t.ok(budget('01-minimal-values.yaml'))
  t.notOk(budget('06-single-values.yaml'))
})

test('a policy change is either hot or a rollout, never both', async t => {
  const file = join(CHART, 'ci/01-minimal-values.yaml')
  const changed = ['--set', 'policy.inline.routes[0].cors[0].maxAge=60']
  const pod = (...args: string[]) =>
    template(CHART, '-f', file, ...args).find(({ kind }) => kind === 'Deployment')!['spec'].template
  t.same(pod(...changed), pod(), 'hot: the pods stay')
  const rollout = ['--set', 'policy.rolloutOnChange=true']
  t.notSame(pod(...rollout, ...changed), pod(...rollout), 'rollout: new pods')
  const maps = template(CHART, '-f', file, ...rollout).filter(({ kind }) => kind === 'ConfigMap')
  t.equal(maps[0]!['immutable'], true, 'and the old ones keep what they started with')
  t.match(pod(...rollout).spec.volumes[0].configMap.name, maps[0]!.metadata.name)
})

test('the mounted policy loads, and is a directory mount that is updated', async t => {
  for (const [name, list] of rendered) {
    for (const { kind, metadata, data } of list) {
      if (kind !== 'ConfigMap' || !/-policy/.test(metadata.name)) continue
      const result = resolvePolicy([{ file: 'policy.yaml', text: data['policy.yaml'] }])
      t.same(
        result.problems.filter(({ severity }) => severity === 'error'),
        [],
        name,
      )
    }
    for (const mount of containerOf(list.find(({ kind }) => kind === 'Deployment')!).volumeMounts) {
      t.notOk('subPath' in mount, `${name}: ${mount.name}`)
      t.equal(mount.readOnly, true)
    }
  }
  const teams = deploymentOf('03-teams-ceiling-values.yaml')['spec'].template.spec.volumes
  t.same(
    teams[0].projected.sources.map(
      ({ configMap }: { configMap: { items: { path: string }[] } }) => configMap.items[0]!.path,
    ),
    ['platform-cors.base.yaml', 'orders-cors.policy.yaml', 'payments-cors.policy.yaml'],
  )
})

test('the environment holds settings that serve knows', async t => {
  const known = new Set<string>([
    ...SETTINGS.map(variableOf),
    ...CHART_SETTINGS.map(key => `CROSSGATE_${key.toUpperCase()}`),
  ])
  for (const [name, list] of rendered) {
    const variables = Object.keys(environment(containerOf(list.find(({ kind }) => kind === 'Deployment')!)))
    for (const variable of variables.filter(found => found.startsWith('CROSSGATE_')))
      t.ok(known.has(variable), `${name} ${variable}`)
  }
  t.equal(
    environment(containerOf(deploymentOf('12-load-balancer-values.yaml')))['CROSSGATE_MAX_CONNECTIONS'],
    '20000',
  )
})

test('a setting reaches serve as it is written', async t => {
  const values: readonly (readonly [value: unknown, text: string])[] = [
    [20_000_000, '20000000'],
    [1.5, '1.5'],
    [0.25, '0.25'],
    ['2m', '2m'],
  ]
  for (const [value, text] of values) {
    const [deployment] = render(t, { settings: { auditWindow: value } }).filter(
      ({ kind }) => kind === 'Deployment',
    )
    t.equal(environment(containerOf(deployment!))['CROSSGATE_AUDIT_WINDOW'], text, String(value))
  }
  const [off] = render(t, { settings: { tracing: false } }).filter(({ kind }) => kind === 'Deployment')
  t.equal(environment(containerOf(off!))['CROSSGATE_TRACING'], 'off', 'as YAML 1.1 reads a bare off')
})

test('what the schema takes as a setting, serve takes too', async t => {
  const ajv = new Ajv({ strict: false })
  const settings = valuesSchema()['properties'] as Readonly<Record<string, { properties: object }>>
  const schemas = Object.entries(settings['settings']!.properties)
  let [taken, refused] = [0, 0]
  for (const spec of chartSettings()) {
    const takes = ajv.compile(schemas.find(([key]) => key === spec.key)![1])
    const words = spec.read.values ?? []
    // Texts of any kind, which only `serve` reads.
    if (takes('any text')) continue
    for (const value of [...SAMPLES, ...words, spec.fallback]) {
      if (!takes(value)) refused++
      else if (!/less than|more than|longer|percentage/.test(refusalOf(spec, String(value)))) {
        taken++
        t.equal(refusalOf(spec, String(value)), '', `${spec.key}: ${value}`)
      }
    }
    t.ok(takes(spec.fallback) || spec.fallback === '', `${spec.key}: its default`)
  }
  t.ok(taken > 100 && refused > 100, `${taken} were taken, ${refused} refused`)
})

const SAMPLES = [
  0,
  1,
  500,
  0.5,
  1.5,
  true,
  '0',
  '1',
  '0.5',
  '10s',
  '500ms',
  '1h',
  '5d',
  '16KiB',
  '16 MiB',
  '16MB',
  '-1',
  'auto',
  'verbose',
  'sample:5',
  'sample:0',
  'none',
  '1e3',
]

function refusalOf({ read }: SettingSpec, text: string): string {
  try {
    read(text)
    return ''
  } catch (error) {
    return (error as Error).message
  }
}

/** The objects of the first scenario with more values. */
function render(t: Test, values: object): Manifest[] {
  const file = join(workDir(t), 'values.json')
  writeFileSync(file, JSON.stringify(values))
  return template(CHART, '-f', join(CHART, 'ci/01-minimal-values.yaml'), '-f', file)
}

test('the upstreams take connections from the gateway alone', async t => {
  const policies = rendered
    .get('09-network-policy-values.yaml')!
    .filter(({ kind }) => kind === 'NetworkPolicy')
  t.equal(policies.length, 3)
  const [gateway, orders] = policies as [Manifest, Manifest]
  t.same(gateway['spec'].policyTypes, ['Ingress', 'Egress'])
  t.equal(orders.metadata.namespace, 'shop')
  t.same(orders['spec'].podSelector, { matchLabels: { app: 'orders' } })
  t.same(orders['spec'].ingress[0].from, [
    {
      podSelector: {
        matchLabels: { 'app.kubernetes.io/name': 'crossgate', 'app.kubernetes.io/instance': 'edge' },
      },
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'apps' } },
    },
  ])
})

test('what is wrong is refused at install, in words', async t => {
  const base = ['-f', join(CHART, 'ci/01-minimal-values.yaml')]
  for (const [what, set, says] of REFUSED) {
    const { code, stderr } = helm('template', 'edge', CHART, ...base, ...set)
    t.not(code, 0, what)
    t.match(stderr, says, what)
  }
  const none = helm('template', 'edge', CHART)
  t.match(none.stderr, /set exactly one of policy\.inline/)
})

const REFUSED: readonly (readonly [string, readonly string[], RegExp])[] = [
  ['an unknown value', ['--set', 'replicas=3'], /'replicas' not allowed/],
  ['a typo in the policy', ['--set', 'policy.inline.vresion=1'], /policy\/inline/],
  [
    'a typo in a rule',
    ['--set', 'policy.inline.routes[0].cors[0].allowOrigin={https://a.example}'],
    /allowOrigin/,
  ],
  ['a typo in the ceiling', ['--set', 'policy.ceiling.inline.orginsUnder={a.example}'], /ceiling\/inline/],
  [
    'a wrong value in the ceiling',
    ['--set', 'policy.ceiling.inline.version=1', '--set', 'policy.ceiling.inline.requireOwner=maybe'],
    /requireOwner/,
  ],
  ['an unknown setting', ['--set', 'settings.bodyLimt=1MiB'], /bodyLimt/],
  ['a word that a setting does not know', ['--set', 'settings.logLevel=verbose'], /logLevel/],
  ['no number of workers', ['--set', 'settings.workers=none'], /workers/],
  ['a label of the chart’s own', ['--set', 'podLabels.app\\.kubernetes\\.io/name=x'], /invalid propertyName/],
  [
    'a file of a team twice',
    [
      '--set',
      'policy.inline=null',
      '--set',
      'policy.teams[0].configMap=a',
      '--set',
      'policy.teams[1].configMap=a',
    ],
    /ConfigMap a and key policy\.yaml are named twice/,
  ],
  ['a setting of the chart’s own', ['--set', 'settings.listen=0.0.0.0:1'], /listen/],
  ['two policies', ['--set', 'policy.existingConfigMap=x'], /exactly one of/],
  [
    'a rollout of what is not known',
    [
      '--set',
      'policy.rolloutOnChange=true',
      '--set',
      'policy.inline=null',
      '--set',
      'policy.existingConfigMap=x',
    ],
    /needs policy\.inline/,
  ],
  [
    'a grace period that cuts requests',
    ['--set', 'shutdown.drainSeconds=60'],
    /terminationGracePeriodSeconds \(45\) must be more/,
  ],
  [
    'a second decider',
    [
      '--set',
      'ingress.enabled=true',
      '--set',
      'ingress.hosts[0].host=a.example',
      '--set',
      'ingress.annotations.nginx\\.ingress\\.kubernetes\\.io/enable-cors=true',
    ],
    /second decider/,
  ],
  ['an ingress for every host', ['--set', 'ingress.enabled=true'], /ingress\.hosts is empty/],
  ['a malformed digest', ['--set', 'image.digest=sha256:12'], /digest/],
  ['one port for both', ['--set', 'ports.admin=8080'], /ports: http and admin/],
]

function restricted(t: Test, container: Manifest, name: string): void {
  t.match(
    container['securityContext'],
    {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      runAsNonRoot: true,
      capabilities: { drop: ['ALL'] },
    },
    `${name} ${container['name']}`,
  )
  t.ok(container['resources'].limits.memory, `${name}: bounded memory`)
}

function podOf({ kind, spec }: Manifest) {
  return kind === 'Pod' ? spec : spec?.template?.spec
}

function containerOf(deployment: Manifest) {
  return deployment['spec'].template.spec.containers[0]
}

function deploymentOf(scenario: string): Manifest {
  return rendered.get(scenario)!.find(({ kind }) => kind === 'Deployment')!
}

function environment(container: { env: { name: string; value: string }[] }): Record<string, string> {
  return Object.fromEntries(container.env.map(({ name, value }) => [name, value]))
}

/** An application chart that depends on the library, as users would have it. */
function sidecarApp(t: Test): Manifest[] {
  const dir = workDir(t)
  cpSync('test/chart/fixtures/sidecar-app', dir, { recursive: true })
  cpSync(LIBRARY, join(dir, 'charts/crossgate-sidecar'), { recursive: true })
  return template(dir)
}

function plainSidecar(): Manifest[] {
  return manifests(readFileSync('deploy/kubernetes/sidecar.yaml', 'utf8'))
}

function kustomized(): Manifest[] {
  const { code, stdout, stderr } = kubectl(
    'kustomize',
    'test/chart/fixtures/kustomize',
    '--load-restrictor',
    'LoadRestrictionsNone',
  )
  if (code !== 0) throw new Error(stderr)
  return manifests(stdout).filter(({ metadata }) => metadata.name !== 'worker')
}
