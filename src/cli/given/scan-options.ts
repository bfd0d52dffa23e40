import { statSync } from 'node:fs'
import { isIP } from 'node:net'
import { InvalidArgumentError, Option } from 'commander'
import { escapeControls } from '../../report/display-text.js'
import { fileOption, variableOption } from '../../scan/curl.js'
import { SCAN_SEVERITIES, type ScanSeverity } from '../../scan/finding.js'
import { SCAN_FORMATS, type ScanFormat } from '../../scan/formats/format-scan.js'
import type { HeaderLine } from '../../scan/header-line.js'
import type { TrustedOrigin } from '../../scan/probes/crafted-origins.js'
import { readTrustedOrigin } from '../../scan/probes/trusted-origin.js'
import type { Session } from '../../scan/session.js'
import { isToken } from '../../syntax/token.js'
import { readNamedFile } from './named-file.js'
import { wholeNumber } from './whole-number.js'

/** What `crossgate scan` takes, as commander hands it over. */
export interface ScanFlags {
  readonly urls?: string
  readonly policy?: string
  readonly compare?: string
  readonly baseline?: string
  /** As given: read with `readSession`, whose errors do not repeat what may be a secret. */
  readonly header: readonly string[]
  readonly origin: readonly TrustedOrigin[]
  readonly headers?: true
  readonly rate: number
  readonly timeout: number
  readonly concurrency: number
  readonly userAgent?: string
  readonly allowPrivate?: true
  readonly resolve: ReadonlyMap<string, string>
  readonly dangerouslySkipVerify?: true
  readonly format: ScanFormat
  readonly failOn: ScanSeverity | 'none'
  readonly progress: boolean
}

export const SCAN_OPTIONS: readonly Option[] = [
  new Option('--urls <FILE>', 'read URLs from a file, one per line; - for standard input'),
  new Option('-H, --header <LINE>', 'send "Name: value" as a session; @FILE reads lines; never printed')
    .argParser(collect)
    .default([], 'none'),
  new Option('--origin <ORIGIN>', 'an origin that is meant to be allowed; may be repeated')
    .argParser(readOrigin)
    .default([], 'none'),
  new Option('--headers', 'grade the security headers too'),
  new Option('--policy <PATH>', 'report only where reality deviates from this policy').conflicts('compare'),
  new Option('--compare <URL>', 'scan this URL too (the gateway) and show the difference'),
  new Option('--baseline <FILE>', 'report only what is not in this earlier report (--format json)'),
  new Option('--format <FORMAT>', 'how to write the report').choices(SCAN_FORMATS).default('text'),
  new Option('--fail-on <SEVERITY>', 'exit 1 from this severity on')
    .choices([...SCAN_SEVERITIES, 'none'])
    .default('medium'),
  new Option('--rate <N>', 'requests per second to one host; 0: no limit')
    .argParser(wholeNumber(0, 100_000))
    .default(20),
  new Option('--concurrency <N>', 'URLs scanned at the same time').argParser(wholeNumber(1, 256)).default(8),
  new Option('--timeout <SECONDS>', 'for one answer').argParser(wholeNumber(1, 600)).default(10),
  new Option('--user-agent <TEXT>', 'how to introduce ourselves (default: crossgate-scan/VERSION)'),
  new Option('--allow-private', 'scan loopback and private addresses, too'),
  new Option('--resolve <HOST:ADDRESS>', 'connect to ADDRESS for HOST; may be repeated')
    .argParser(readResolve)
    .default(new Map(), 'none'),
  new Option('--dangerously-skip-verify', 'accept any TLS certificate'),
  new Option('--no-progress', 'no progress on standard error'),
]

/**
 * Reads the `-H` arguments.
 *
 * @throws Error with one sentence, which names headers and never their values
 */
export function readSession(texts: readonly string[]): Session {
  const parts = texts.map((text): Session => {
    if (!text.startsWith('@')) return spelt([readHeader(text)])
    const file = text.slice(1)
    const headers = readLines(file).map(readHeader)
    return isReadAgain(file) ? { headers, curlOptions: [fileOption(file)] } : spelt(headers)
  })
  return {
    headers: parts.flatMap(({ headers }) => headers),
    curlOptions: parts.flatMap(({ curlOptions }) => curlOptions),
  }
}

/** Of the command line itself, or of a pipe: no one else can read those. */
function spelt(headers: readonly HeaderLine[]): Session {
  return { headers, curlOptions: headers.map(([name]) => variableOption(name)) }
}

/** Whether there is a file of that name that holds the same tomorrow, and a terminal shows its name as it is. */
function isReadAgain(file: string): boolean {
  return file !== '-' && statSync(file).isFile() && escapeControls(file) === file
}

function readHeader(line: string): HeaderLine {
  const colon = line.indexOf(':')
  const name = line.slice(0, Math.max(colon, 0)).trim()
  const value = line.slice(colon + 1).trim()
  if (!isToken(name)) throw new Error('-H takes "Name: value", or @FILE with such lines')
  if (!/^[\t\x20-\x7e\x80-\xff]*$/.test(value))
    throw new Error(`-H ${name}: the value holds control characters`)
  if (OURS.test(name)) throw new Error(`-H ${name}: the scan sets that header itself; leave it out`)
  return [name, value]
}

function readLines(file: string): readonly string[] {
  return readNamedFile(file, 'the lines of -H ')
    .split(/\r?\n/)
    .filter(line => line.trim() !== '')
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text]
}

function readOrigin(text: string, before: readonly TrustedOrigin[]): readonly TrustedOrigin[] {
  try {
    return [...before, readTrustedOrigin(text)]
  } catch (error) {
    throw new InvalidArgumentError((error as Error).message)
  }
}

function readResolve(text: string, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const colon = text.indexOf(':')
  const address = text.slice(colon + 1).replace(/^\[|\]$/g, '')
  if (colon < 1 || isIP(address) === 0)
    throw new InvalidArgumentError('Write it as host:address, as in api.example:127.0.0.1.')
  return new Map([...before, [text.slice(0, colon).toLowerCase(), address]])
}

const OURS = /^(?:origin|host|connection|upgrade|content-length|transfer-encoding|access-control-.*|sec-.*)$/i
