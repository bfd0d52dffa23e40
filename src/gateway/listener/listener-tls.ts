import type { Server } from 'node:https'
import type { Logger } from 'pino'
import type { Settings } from '../../settings.js'
import { whyUnreadable } from '../loading/file-failure.js'
import { pemFault } from '../loading/pem-fault.js'
import { readRegularFile } from '../loading/read-regular-file.js'

/** What the listener proves itself with. */
export interface KeyPair {
  readonly cert: Buffer
  readonly key: Buffer
}

export type TlsFiles = Pick<Settings, 'tlsCert' | 'tlsKey'>

/**
 * Reads the listener's certificate and key; undefined where the settings name none.
 *
 * @throws Error with one sentence, where only one is named, a file cannot be read, or the two do not fit.
 */
export function readKeyPair({ tlsCert, tlsKey }: TlsFiles): KeyPair | undefined {
  if (tlsCert === '' && tlsKey === '') return undefined
  if (tlsCert === '') throw new Error('--tls-key needs --tls-cert')
  if (tlsKey === '') throw new Error('--tls-cert needs --tls-key')
  const cert = readPem('--tls-cert', tlsCert)
  const key = readPem('--tls-key', tlsKey)
  const certFault = pemFault({ cert })
  if (certFault !== undefined) throw new Error(`--tls-cert: ${tlsCert} ${certFault}`)
  const keyFault = pemFault({ key })
  if (keyFault !== undefined) throw new Error(`--tls-key: ${tlsKey} ${keyFault}`)
  if (pemFault({ cert, key }) !== undefined)
    throw new Error(`--tls-key: ${tlsKey} is not the key of ${tlsCert}`)
  return { cert, key }
}

/**
 * Looks at the files every two seconds and puts a new pair in use for new connections. By content: a Secret's mount
 * changes a directory link, which no watch on the files would see. Certificate and key are written one after the
 * other, so a pair that does not fit is only reported once it has stayed so.
 */
export function watchKeyPair(server: Server, files: TlsFiles, inUse: KeyPair, log: Logger): void {
  let current = inUse
  let doubted = ''
  let reported = ''
  const timer = setInterval(() => {
    try {
      const pair = readKeyPair(files)
      if (pair !== undefined && !(pair.cert.equals(current.cert) && pair.key.equals(current.key))) {
        server.setSecureContext({ ...pair, minVersion: MIN_TLS })
        current = pair
        log.info({ event: 'tls.reloaded', file: files.tlsCert })
      }
      doubted = ''
      reported = ''
    } catch (error) {
      const { message } = error as Error
      if (doubted === message && reported !== message) {
        log.error({ event: 'tls.rejected', message, hint: 'the pair loaded before stays in use' })
        reported = message
      }
      doubted = message
    }
  }, POLL_MILLISECONDS).unref()
  server.once('close', () => clearInterval(timer))
}

/** Older versions have no place on a hardened edge (RFC 8996). */
export const MIN_TLS = 'TLSv1.2'
const POLL_MILLISECONDS = 2_000

function readPem(flag: string, path: string): Buffer {
  try {
    return readRegularFile(path)
  } catch (error) {
    throw new Error(`${flag}: cannot read ${path}: ${whyUnreadable(error)}`)
  }
}
