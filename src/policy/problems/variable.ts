import type { Remedy } from './problem-list.js'

/** Whether a text has a variable of a shell, of compose or of a template in it. */
export function hasVariable(text: string): boolean {
  return VARIABLE.test(text)
}

/** What to do about one. */
export const NO_VARIABLES: Remedy = {
  suggestion:
    'there are no variables in a policy: write the value itself, or fill it in before the policy is read',
}

const VARIABLE = /\$\{|\$\(|\$[A-Za-z_]|\{\{/
