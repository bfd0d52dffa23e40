import { z } from 'zod'
import { CeilingSchema } from '../../src/policy/ceiling/ceiling-schema.js'
import { PolicySchema } from '../../src/policy/schema/schema.js'
import { auditLevel } from '../../src/setting-values.js'
import { SETTINGS, type SettingSpec } from '../../src/settings.js'

type Schema = Readonly<Record<string, unknown>>

/**
 * The chart's values.schema.json: its own values, the settings of `serve` by name, and the policy's and the ceiling's
 * own schemas under `policy.inline` and `policy.ceiling.inline`, so that a typo in any of them fails at install. `npm run chart:schema` writes it.
 */
export function valuesSchema(): Schema {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Values of the Crossgate chart',
    ...object({
      image: object({
        registry: STRING,
        repository: NAME,
        tag: STRING,
        digest: { type: 'string', pattern: '^(sha256:[0-9a-f]{64})?$' },
        pullPolicy: { enum: ['IfNotPresent', 'Always', 'Never'] },
      }),
      imagePullSecrets: list(object({ name: NAME }, ['name'])),
      nameOverride: STRING,
      fullnameOverride: STRING,
      policy: object({
        inline: emptyOr('policy'),
        existingConfigMap: STRING,
        teams: list(
          object({ configMap: NAME, key: { type: 'string', pattern: '\\.ya?ml$' } }, ['configMap']),
        ),
        ceiling: object({ inline: emptyOr('ceiling'), existingConfigMap: STRING }),
        rolloutOnChange: BOOLEAN,
      }),
      settings: object(Object.fromEntries(chartSettings().map(spec => [spec.key, settingSchema(spec)]))),
      replicaCount: COUNT,
      autoscaling: object({
        enabled: BOOLEAN,
        minReplicas: POSITIVE,
        maxReplicas: POSITIVE,
        targetCPUUtilizationPercentage: { type: 'integer', minimum: 1, maximum: 100 },
        behavior: OPEN,
      }),
      podDisruptionBudget: object({ enabled: BOOLEAN, maxUnavailable: { type: ['integer', 'string'] } }),
      minReadySeconds: COUNT,
      revisionHistoryLimit: COUNT,
      shutdown: object({
        preStopSeconds: POSITIVE,
        drainSeconds: POSITIVE,
        terminationGracePeriodSeconds: POSITIVE,
      }),
      resources: OPEN,
      service: object({
        type: { enum: ['ClusterIP', 'NodePort', 'LoadBalancer'] },
        port: PORT,
        annotations: OPEN,
        externalTrafficPolicy: { enum: ['', 'Local', 'Cluster'] },
        appProtocol: STRING,
      }),
      ports: object({ http: HIGH_PORT, admin: HIGH_PORT }),
      ingress: object({
        enabled: BOOLEAN,
        className: STRING,
        annotations: OPEN,
        hosts: list(
          object({ host: NAME, paths: list(object({ path: STRING, pathType: STRING })) }, ['host']),
        ),
        tls: list(OPEN),
      }),
      httpRoute: object({
        enabled: BOOLEAN,
        parentRefs: list(OPEN),
        hostnames: list(NAME),
        annotations: OPEN,
      }),
      networkPolicy: object({
        enabled: BOOLEAN,
        from: list(OPEN),
        metricsFrom: list(OPEN),
        upstreams: list(object({ podSelector: OPEN, port: PORT, namespace: NAME }, ['podSelector', 'port'])),
        isolateUpstreams: BOOLEAN,
        extraEgress: list(OPEN),
      }),
      metrics: object({
        serviceMonitor: object({ enabled: BOOLEAN, interval: NAME, labels: OPEN }),
        prometheusRule: object({ enabled: BOOLEAN, labels: OPEN }),
        dashboard: object({ enabled: BOOLEAN, labels: OPEN }),
      }),
      serviceAccount: object({ create: BOOLEAN, name: STRING, annotations: OPEN }),
      topologySpreadConstraints: list(OPEN),
      nodeSelector: OPEN,
      tolerations: list(OPEN),
      affinity: OPEN,
      priorityClassName: STRING,
      podAnnotations: OPEN,
      podLabels: LABELS,
      commonLabels: LABELS,
      extraVolumes: list(OPEN),
      extraVolumeMounts: list(OPEN),
      extraEnv: list(OPEN),
      extraObjects: list(OPEN),
      // What helm itself hands to a subchart.
      global: OPEN,
    }),
    definitions: { policy: fileSchema(PolicySchema), ceiling: fileSchema(CeilingSchema) },
  }
}

/** What the chart sets by itself is not for `settings`. */
export const CHART_SETTINGS: readonly string[] = ['policy', 'ceiling', 'listen', 'admin', 'drainTimeout']

export function chartSettings(): readonly SettingSpec[] {
  return SETTINGS.filter(({ key }) => !CHART_SETTINGS.includes(key))
}

// By what it is, as `--help` shows it. What lies beyond a pattern (24h at most, 256 workers) `serve` refuses.
function settingSchema({ value, read }: SettingSpec): Schema {
  const { values = [] } = read
  if (values.length > 0) {
    // To YAML 1.1 a bare `off` is false.
    const words = { enum: values.includes('off') ? [...values, false] : [...values] }
    return read === auditLevel ? { anyOf: [words, { type: 'string', pattern: '^sample:[1-9]' }] } : words
  }
  return KINDS[value] ?? STRING
}

function emptyOr(definition: 'policy' | 'ceiling'): Schema {
  return { anyOf: [{ type: 'object', maxProperties: 0 }, { $ref: `#/definitions/${definition}` }] }
}

function fileSchema(file: z.ZodType): unknown {
  const { $schema: _, ...schema } = z.toJSONSchema(file, { io: 'input', target: 'draft-7' })
  // Helm's regular expressions know no lookahead; what it would refuse, the gateway does.
  return JSON.parse(JSON.stringify(schema), (key, value) =>
    key === 'pattern' && typeof value === 'string'
      ? value.replace(/\(\?![^()]*(?:\([^()]*\))?[^()]*\)/, '')
      : value,
  )
}

function object(properties: Readonly<Record<string, unknown>>, required: readonly string[] = []): Schema {
  return {
    type: 'object',
    additionalProperties: false,
    properties,
    ...(required.length > 0 && { required }),
  }
}

function list(items: Schema): Schema {
  return { type: 'array', items }
}

const STRING: Schema = { type: 'string' }
const NAME: Schema = { type: 'string', minLength: 1 }
const BOOLEAN: Schema = { type: 'boolean' }
const OPEN: Schema = { type: 'object' }
// The chart's own, twice in one map, would part a pod from its selector.
const LABELS: Schema = {
  type: 'object',
  additionalProperties: STRING,
  propertyNames: {
    not: { pattern: '^(app\\.kubernetes\\.io/(name|instance|version|managed-by)|helm\\.sh/chart)$' },
  },
}
const COUNT: Schema = { type: 'integer', minimum: 0 }
const POSITIVE: Schema = { type: 'integer', minimum: 1 }
const PORT: Schema = { type: 'integer', minimum: 1, maximum: 65535 }
const HIGH_PORT: Schema = { type: 'integer', minimum: 1024, maximum: 65535 }

const KINDS: Readonly<Record<string, Schema>> = {
  TIME: orText({ type: 'number', minimum: 0 }, '^(\\d{1,9}ms|\\d{1,9}(\\.\\d{1,3})?[smh]?)$'),
  SIZE: orText(COUNT, '^\\d+ ?(B|KiB|MiB|GiB)?$'),
  N: orText(POSITIVE, '^[1-9]\\d{0,8}$'),
  'N|auto': orText(POSITIVE, '^([1-9]\\d{0,8}|auto)$'),
}

function orText(number: Schema, pattern: string): Schema {
  return { anyOf: [number, { type: 'string', pattern }] }
}
