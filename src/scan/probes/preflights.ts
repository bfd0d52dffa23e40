import type { HeaderLine } from '../header-line.js'
import type { Labels, Probe } from './probe.js'

/** The preflights that a foreign page's scripts could cause. Nothing that they announce is ever sent. */
export function preflightProbes(origin: string, { first, second }: Labels): readonly Probe[] {
  return [
    ...['PUT', 'DELETE', 'PATCH'].map(method => preflight(origin, method)),
    preflight(origin, unknownMethod(first)),
    preflight(origin, 'POST', ['content-type']),
    preflight(origin, 'GET', ['authorization']),
    preflight(origin, 'GET', [`x-${second}`]),
    preflight(
      origin,
      'GET',
      Array.from({ length: HUGE_LIST }, (_, index) => `x-${second}-${index}`),
    ),
    preflight(origin, 'PUT', [], [['Access-Control-Request-Private-Network', 'true']]),
  ]
}

/** A method that no server knows: whoever allows it allows everything. */
export function unknownMethod(label: string): string {
  return `X${label.toUpperCase()}`
}

export function preflight(
  origin: string,
  method: string,
  names: readonly string[] = [],
  more: readonly HeaderLine[] = [],
): Probe {
  const asked: readonly HeaderLine[] =
    names.length === 0 ? [] : [['Access-Control-Request-Headers', names.join(',')]]
  return {
    kind: 'preflight',
    method: 'OPTIONS',
    at: 'url',
    headers: [['Origin', origin], ['Access-Control-Request-Method', method], ...asked, ...more],
    origin,
    // Browsers never send credentials with a preflight.
    session: false,
    asks: { method, names },
  }
}

const HUGE_LIST = 300
