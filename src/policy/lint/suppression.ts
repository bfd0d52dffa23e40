import type { Severity } from '../problems/problem.js'
import { nearest } from '../problems/suggest.js'
import { endOfDay } from '../schema/day.js'
import type { LintProblem } from './lint-rule.js'
import { LINT_RULES } from './lint-rules.js'

/** What is wrong with suppressions themselves; these cannot be suppressed. */
export const SUPPRESSION_CODES = {
  'suppression-malformed': 'A suppression without a code, a last day or a reason',
  'suppression-expired': 'A suppression whose last day is over',
  'suppression-unused': 'A suppression of nothing',
} as const

/** A comment that says why a finding is accepted, and until when. */
interface Suppression {
  readonly codes: readonly string[]
  /** The line that it speaks of. */
  readonly line: number
  /** Unix milliseconds from which it no longer holds. */
  readonly endsAt: number
  readonly at: LintProblem
}

/**
 * Takes out the findings that a comment accepts, `# crossgate-ignore CODE until YYYY-MM-DD: why`, at the end of the
 * finding's line or on the line above it. A suppression without a reason or a last day accepts nothing, and one that
 * accepts nothing is a finding itself.
 *
 * @param now Unix milliseconds
 */
export function applySuppressions(
  problems: readonly LintProblem[],
  files: readonly { readonly file: string; readonly text: string }[],
  now: number,
): { readonly problems: readonly LintProblem[]; readonly suppressed: number } {
  const own: LintProblem[] = []
  const byLine = new Map<string, Suppression[]>()
  for (const file of files) {
    for (const suppression of readSuppressions(file, own)) {
      const key = `${file.file}:${suppression.line}`
      byLine.set(key, [...(byLine.get(key) ?? []), suppression])
    }
  }
  const used = new Set<Suppression>()
  const kept = problems.filter(problem => {
    const holding = (byLine.get(`${problem.file}:${problem.line}`) ?? []).find(
      ({ codes, endsAt }) => codes.includes(problem.code) && now < endsAt,
    )
    if (holding !== undefined) used.add(holding)
    return holding === undefined
  })
  for (const suppression of [...byLine.values()].flat()) {
    if (now >= suppression.endsAt) own.push(expired(suppression))
    else if (!used.has(suppression)) own.push(unused(suppression))
  }
  return { problems: [...kept, ...own], suppressed: problems.length - kept.length }
}

function* readSuppressions(
  { file, text }: { readonly file: string; readonly text: string },
  own: LintProblem[],
): Iterable<Suppression> {
  if (!text.includes(MARK)) return
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [index, line] of lines.entries()) {
    const start = line.search(COMMENT)
    if (start === -1) continue
    const comment = line.slice(start).trimEnd()
    const at = {
      file,
      line: index + 1,
      column: start + 1,
      endColumn: start + 1 + comment.length,
      code: 'suppression-malformed',
      severity: 'error' as const,
      message: '',
    }
    const [, list = '', date = ''] = FORM.exec(comment) ?? []
    const endsAt = endOfDay(date)
    const codes = list.split(/[\s,]+/).filter(Boolean)
    const wrong = codes.find(code => !LINT_RULES.some(rule => rule.code === code))
    if (list === '' || endsAt === undefined || wrong !== undefined) {
      own.push({ ...at, ...malformed(wrong) })
      continue
    }
    const isOnItsOwn = line.slice(0, start).trim() === ''
    yield { codes, endsAt, at, line: isOnItsOwn ? nextLine(lines, index) : index + 1 }
  }
}

function malformed(code: string | undefined) {
  if (code === undefined) {
    return {
      message: 'a suppression needs a code, a last day and a reason',
      suggestion: 'write `# crossgate-ignore CODE until YYYY-MM-DD: why`',
    }
  }
  const meant = nearest(
    code,
    LINT_RULES.map(rule => rule.code),
  )
  return {
    message: `\`${code}\` is not the code of a lint rule`,
    suggestion: meant === undefined ? 'docs/lint.md lists the codes' : `did you mean \`${meant}\`?`,
  }
}

function expired({ at, codes }: Suppression): LintProblem {
  const message = `this suppression of ${codes.join(', ')} is over`
  return {
    ...at,
    code: 'suppression-expired',
    severity: 'warning' satisfies Severity,
    message,
    suggestion: 'mend what it accepted, or give it a new last day',
  }
}

function unused({ at, codes }: Suppression): LintProblem {
  const message = `there is no ${codes.join(', ')} here to suppress`
  return { ...at, code: 'suppression-unused', severity: 'warning', message, suggestion: 'remove the comment' }
}

// Of the lines below, the first that says something.
function nextLine(lines: readonly string[], index: number): number {
  const next = lines.findIndex((line, at) => at > index && !/^\s*(?:#.*)?$/.test(line))
  return next === -1 ? index + 1 : next + 1
}

const MARK = 'crossgate-ignore'
const COMMENT = /(?:^|(?<=\s))#\s*crossgate-ignore\b/
const FORM = /^#\s*crossgate-ignore\s+([a-z0-9-]+(?:[\s,]+[a-z0-9-]+)*?)\s+until\s+([\d-]+):\s*\S/
