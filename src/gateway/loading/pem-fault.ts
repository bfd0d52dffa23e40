import { createSecureContext, type SecureContextOptions } from 'node:tls'

/** Certificate, key or both, as files hold them. */
export type PemFiles = Pick<SecureContextOptions, 'cert' | 'key'>

/** Why a connection could not use them, to go after the file's name; undefined where it could. */
export function pemFault(files: PemFiles): string | undefined {
  try {
    // An empty `ca` spares the reading of the system's.
    createSecureContext({ ca: [], ...files })
    return undefined
  } catch (error) {
    return missingPart(files) ?? `cannot be used: ${(error as Error).message.replace(/^error:.*:/, '')}`
  }
}

// OpenSSL says `no start line` and `unsupported` of what it does not find.
function missingPart({ cert, key }: PemFiles): string | undefined {
  if (cert !== undefined && !CERTIFICATE.test(String(cert))) return 'holds no PEM certificate'
  if (key === undefined) return undefined
  if (!KEY.test(String(key))) return 'holds no PEM private key'
  return ENCRYPTED.test(String(key)) ? 'is encrypted; write the key without a passphrase' : undefined
}

const CERTIFICATE = /^-----BEGIN (?:X509 |TRUSTED )?CERTIFICATE-----/m
const KEY = /^-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----/m
const ENCRYPTED = /^-----BEGIN ENCRYPTED |^Proc-Type: 4,ENCRYPTED/m
