import { parseOrigin } from '../../cors/origins/origin.js'
import { firstPatternError } from '../../cors/origins/pattern-error.js'
import { REASONS, type Reason } from '../../cors/reason.js'
import { readPageUrl } from '../explain/page-url.js'
import { childOf, itemsOf, textOf, type YamlNode } from '../parse/yaml-tree.js'
import type { ProblemList } from '../problems/problem-list.js'
import { DAY, endOfDay } from '../schema/day.js'
import type { Expectation, Expectations } from './expectations-schema.js'

/** What the schema cannot say of a file of expectations, so that whoever wrote it hears of all of it at once. */
export function checkExpectations(
  root: YamlNode,
  isThere: (policy: string) => boolean,
  problems: ProblemList,
): void {
  checkToday(childOf<Expectations>(root, 'today'), problems)
  checkPolicy(childOf<Expectations>(root, 'policy'), isThere, problems)
  for (const test of itemsOf(childOf<Expectations>(root, 'tests'))) {
    const request = childOf<Expectation>(test, 'request')
    checkUrl(childOf<Expectation['request']>(request, 'url'), problems)
    const expected = childOf<Expectation['expect']>(childOf<Expectation>(test, 'expect'), 'reason')
    checkOrigin(childOf<Expectation['request']>(request, 'origin'), textOf(expected), problems)
  }
}

function checkToday(node: YamlNode | undefined, problems: ProblemList): void {
  const text = textOf(node)
  if (node === undefined || text === undefined || !DAY.test(text) || endOfDay(text) !== undefined) return
  problems.error('expires-date', node, `there is no ${text} in the calendar`, {
    suggestion: 'write the day on which to decide, as YYYY-MM-DD',
  })
}

function checkPolicy(
  node: YamlNode | undefined,
  isThere: (policy: string) => boolean,
  problems: ProblemList,
): void {
  const text = textOf(node)
  if (node === undefined || text === undefined || isThere(text)) return
  problems.error('no-policy-file', node, `there is no file or directory \`${text}\``, {
    suggestion: 'name the policy relative to this file, or leave it out for the one beside it',
  })
}

function checkUrl(node: YamlNode | undefined, problems: ProblemList): void {
  const text = textOf(node)
  if (node === undefined || text === undefined || readPageUrl(text) !== undefined) return
  problems.error('bad-value', node, '`url` is a whole address', {
    suggestion: 'write it with scheme and host, such as https://api.shop.example/orders',
  })
}

// What no browser sends is denied whatever the policy says. Whoever wants to see that says for which reason.
function checkOrigin(node: YamlNode | undefined, reason: string | undefined, problems: ProblemList): void {
  const text = textOf(node)
  if (node === undefined || text === undefined || text === 'null' || CONTROL.test(text)) return
  if (parseOrigin(text) !== undefined || isDenial(reason)) return
  const { code, message, spelling } = firstPatternError(text) ?? PATTERN
  problems.error(code, node, `this is no Origin of a browser: ${message}`, {
    suggestion: `${spelling === undefined ? 'write scheme://host[:port]' : `write \`${spelling}\``}; or expect \`reason: origin-malformed\`, to see it denied`,
  })
}

function isDenial(reason: string | undefined): boolean {
  return (
    reason !== undefined && Object.hasOwn(REASONS, reason) && REASONS[reason as Reason].outcome === 'denied'
  )
}

const PATTERN = {
  code: 'origin-wildcard',
  message: 'a page has one origin, and no pattern',
  spelling: undefined,
} as const

/** The parser refuses a header with these before there is an Origin. */
const CONTROL = /[\u0000-\u0008\u000a-\u001f\u007f]/
