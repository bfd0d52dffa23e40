import { resolve } from 'node:path'
import ts from 'typescript'
import type { Manifest } from './tools.js'

/**
 * Checks objects against the Kubernetes API's own types: each becomes a literal of its interface, so the compiler
 * refuses unknown keys, wrong types and values outside an enumeration, at any depth; and the API's schema is run on it
 * for what types cannot say. One program for all, since reading the types takes most of the time.
 *
 * @returns one line for each mistake
 */
export async function checkApiTypes(objects: ReadonlyMap<string, Manifest>): Promise<string[]> {
  const lines: string[] = []
  const labels: string[] = []
  const mistakes: string[] = []
  const interfaces = new Set<string>()
  for (const [label, object] of objects) {
    const from = MODULES[object.apiVersion]
    if (from === undefined) {
      mistakes.push(`${label}: no types for ${object.apiVersion}`)
      continue
    }
    const name = `I${object.kind}`
    const alias = `${from.replace(/\W/g, '_')}_${name}`
    interfaces.add(`import type { ${name} as ${alias} } from '${from}'`)
    lines.push(`export const o${lines.length}: ${alias} = ${JSON.stringify(object)}`)
    labels.push(label)
    mistakes.push(...(await schemaMistakes(label, from, object)))
  }
  const head = [...interfaces]
  return [
    ...mistakes,
    ...typeMistakes([...head, ...lines].join('\n'), line => labels[line - head.length] ?? '?'),
  ]
}

function typeMistakes(text: string, labelOf: (line: number) => string): string[] {
  const file = resolve('test/chart/rendered-objects.ts')
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  }
  const host = ts.createCompilerHost(options)
  const { getSourceFile, fileExists, readFile } = host
  host.getSourceFile = (name, ...rest) =>
    name === file ? ts.createSourceFile(name, text, ts.ScriptTarget.ES2022) : getSourceFile(name, ...rest)
  host.fileExists = name => name === file || fileExists(name)
  host.readFile = name => (name === file ? text : readFile(name))
  const program = ts.createProgram([file], options, host)
  return ts.getPreEmitDiagnostics(program).map(({ file: source, start, messageText }) => {
    const line = source === undefined ? 0 : source.getLineAndCharacterOfPosition(start ?? 0).line
    return `${labelOf(line)}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`
  })
}

async function schemaMistakes(label: string, from: string, object: Manifest): Promise<string[]> {
  const models = await import(from)
  try {
    new models[object.kind](object).validate()
    return []
  } catch (error) {
    return [`${label}: ${(error as Error).message}`]
  }
}

const MODULES: Readonly<Record<string, string>> = {
  v1: 'kubernetes-models/v1',
  'apps/v1': 'kubernetes-models/apps/v1',
  'batch/v1': 'kubernetes-models/batch/v1',
  'autoscaling/v2': 'kubernetes-models/autoscaling/v2',
  'policy/v1': 'kubernetes-models/policy/v1',
  'networking.k8s.io/v1': 'kubernetes-models/networking.k8s.io/v1',
  'gateway.networking.k8s.io/v1': '@kubernetes-models/gateway-api/gateway.networking.k8s.io/v1',
  'monitoring.coreos.com/v1': '@kubernetes-models/prometheus-operator/monitoring.coreos.com/v1',
}
