import { X509Certificate } from 'node:crypto'
import { dirname, resolve } from 'node:path'
import type { Problem, Severity } from '../../policy/problems/problem.js'
import type { ProblemCode } from '../../policy/problems/problem-codes.js'
import type { ResolvedPolicy, ResolvedUpstream } from '../../policy/resolved/resolved-policy.js'
import type { TlsMaterial } from '../upstream/dial.js'
import { whyUnreadable } from './file-failure.js'
import { pemFault } from './pem-fault.js'
import { readRegularFile } from './read-regular-file.js'

/** What is wrong with one of the files that an upstream's `tls` names. */
export interface TlsFault {
  readonly field: TlsFile
  readonly code: Extract<ProblemCode, 'tls-unreadable' | 'tls-unusable'>
  readonly message: string
}

/**
 * The problems of a policy's TLS files: found when it loads, or every request to the upstream would be a 502.
 *
 * @param unreadable how bad a file is that cannot be read: whoever checks a policy need not hold its keys.
 */
export function tlsProblems(policy: ResolvedPolicy, unreadable: Severity): readonly Problem[] {
  return [...policy.upstreams.values()].flatMap(upstream =>
    readTls(upstream).faults.map(({ field, code, message }) => ({
      ...(upstream.fields.get(field) ?? upstream.position),
      code,
      severity: code === 'tls-unreadable' ? unreadable : 'error',
      message: `upstream \`${upstream.name}\`: ${message}`,
      suggestion: SUGGESTIONS[code],
    })),
  )
}

/** The TLS files that a policy names: their change is a change of the policy. */
export function tlsFilesOf({ upstreams }: ResolvedPolicy): readonly string[] {
  return [...upstreams.values()].flatMap(upstream => Object.values(tlsPathsOf(upstream)))
}

/** Reads an upstream's TLS files and tries them as a connection would. */
export function readTls(upstream: ResolvedUpstream): {
  readonly material: TlsMaterial
  readonly faults: readonly TlsFault[]
} {
  const material: Partial<Record<TlsFile, Buffer>> = {}
  const faults: TlsFault[] = []
  const paths = tlsPathsOf(upstream)
  for (const field of TLS_FILES) {
    const file = paths[field]
    if (file === undefined) continue
    try {
      const bytes = readRegularFile(file)
      material[field] = bytes
      const fault = field === 'ca' ? bundleFault(bytes) : pemFault({ [field]: bytes })
      if (fault !== undefined) faults.push(unusable(field, `${file} ${fault}`))
    } catch (error) {
      const message = `cannot read ${file}: ${whyUnreadable(error)}`
      faults.push({ field, code: 'tls-unreadable', message })
    }
  }
  const { cert, key } = material
  const pairFault = faults.length === 0 && cert && key ? pemFault({ cert, key }) : undefined
  if (pairFault !== undefined) faults.push(unusable('key', `${paths.key} is not the key of ${paths.cert}`))
  return { material, faults }
}

// A path is relative to the policy file in which it stands.
function tlsPathsOf({ tls, fields, position }: ResolvedUpstream): Partial<Record<TlsFile, string>> {
  return Object.fromEntries(
    TLS_FILES.flatMap(field => {
      const path = tls[field]
      const { file } = fields.get(field) ?? position
      return path === undefined ? [] : [[field, resolve(dirname(file), path)]]
    }),
  )
}

function unusable(field: TlsFile, message: string): TlsFault {
  return { field, code: 'tls-unusable', message }
}

// Node takes a bundle without a certificate for one that trusts nobody, and stops in silence at the first that it
// cannot read.
function bundleFault(bundle: Buffer): string | undefined {
  const certificates = bundle.toString('latin1').match(CERTIFICATE) ?? []
  if (certificates.length === 0) return 'holds no PEM certificate'
  for (const [index, certificate] of certificates.entries()) {
    try {
      new X509Certificate(certificate)
    } catch {
      return `holds ${certificates.length} certificates, and number ${index + 1} cannot be read`
    }
  }
  return undefined
}

type TlsFile = 'ca' | 'cert' | 'key'

const TLS_FILES: readonly TlsFile[] = ['ca', 'cert', 'key']

const CERTIFICATE = /-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----.*?(?:-----END|$)[^\n]*/gs

const SUGGESTIONS = {
  'tls-unreadable': 'put a regular file there, readable for the gateway, before `serve` starts',
  'tls-unusable': 'name a PEM file with what the field asks for',
} as const
