import { parseFile } from '../parse/parse.js'
import { checkShape } from '../parse/shape.js'
import { childOf, itemsOf, toPlain } from '../parse/yaml-tree.js'
import type { Problem } from '../problems/problem.js'
import { ProblemList } from '../problems/problem-list.js'
import { positionOf, type SourceFile } from '../problems/source.js'
import { checkExpectations } from './check-expectations.js'
import { EXPECTATIONS_FILE, type Expectations, ExpectationsSchema } from './expectations-schema.js'

export type ExpectationsResult =
  | {
      readonly expectations: Expectations
      readonly lines: readonly number[]
      readonly problems: readonly Problem[]
    }
  | { readonly expectations: undefined; readonly lines: undefined; readonly problems: readonly Problem[] }

/**
 * Reads a file of expectations, as strictly as a policy; `lines` is where each test begins.
 *
 * @param isThere whether there is such a file or directory, for the policy that it names
 */
export function readExpectations(file: SourceFile, isThere: (policy: string) => boolean): ExpectationsResult {
  const problems = new ProblemList()
  const root = parseFile(file, EXPECTATIONS_FILE, problems)
  if (root !== undefined) checkExpectations(checkShape(root, EXPECTATIONS_FILE, problems), isThere, problems)
  if (root === undefined || problems.hasErrors)
    return { expectations: undefined, lines: undefined, problems: problems.sorted() }
  const tests = itemsOf(childOf<Expectations>(root, 'tests'))
  return {
    expectations: ExpectationsSchema.parse(toPlain(root)),
    lines: tests.map(node => positionOf(node).line),
    problems: problems.sorted(),
  }
}
