import type { Finding } from './finding.js'

/** Findings with what a format needs to show them well; each format takes what it has a use for. */
export interface FindingReport {
  readonly tool: { readonly name: string; readonly version: string }
  readonly findings: readonly Finding[]
  /** The text of each file, for source lines. */
  readonly sources: ReadonlyMap<string, string>
  /** What each code is about, in a sentence, and where to read more. */
  readonly codes: ReadonlyMap<string, CodeFacts>
  /** Facts about the whole run, for formats that tools read. */
  readonly facts?: Readonly<Record<string, unknown>>
}

export interface CodeFacts {
  readonly title: string
  readonly help?: string
  /** For code hosts: what kind of rule this is. */
  readonly tags?: readonly string[]
  /** A CVSS-like score, `0.0` to `10.0`, by which code hosts sort security findings. */
  readonly securitySeverity?: string
}
