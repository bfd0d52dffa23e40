import type { Expectation } from './vector.js'

/** Where Crossgate means something else than a vector. Enforced both ways, and mirrored by docs/vector-disagreements.md. */
export interface Disagreement {
  /** Laid over the vector's `expect`: what holds instead. */
  readonly instead: Expectation
  /** The line of the design or the section of Fetch that justifies it. */
  readonly because: string
}

export const DISAGREEMENTS: Readonly<Record<string, Disagreement>> = {
  'om-094': {
    instead: {
      allowed: false,
      statusClass: '403',
      forwarded: false,
      fetch: { omit: 'fail', include: 'fail' },
      headers: { 'access-control-allow-origin': { absent: true } },
    },
    because:
      'Design 3: a malformed origin is denied. No browser sends one (Fetch, "byte-serializing a request origin").',
  },
  'pv-131': {
    instead: { policyError: { field: 'methods[0]', reason: 'cannot be received' } },
    because:
      "Design 2: methods that the HTTP parser cannot receive are refused; the vector's own note says so too.",
  },
  'pv-166': {
    instead: { policyError: null },
    because: 'Design 2: maxAge is seconds or a duration.',
  },
}

/**
 * Vectors that allow the policy to be refused instead, and whose policy we do refuse: the field that the refusal must
 * name. No disagreement: `orPolicyError` says so.
 */
export const REFUSED: Readonly<Record<string, string>> = {
  'pf-008': 'origins',
  'pf-040': 'methods[0]',
  'pf-041': 'methods[0]',
  'pf-043': 'methods[0]',
  'pf-053': 'headers',
  'pf-071': 'methods',
  'pf-084': 'methods',
  'pf-085': 'methods',
  'pf-089': 'methods',
  'ac-021': 'exposeHeaders[0]',
}
