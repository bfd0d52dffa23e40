import type { Explanation } from '../../policy/explain/explain.js'
import type { PerhapsMeant } from '../../policy/explain/perhaps-meant.js'

/** What `explain` tells: the explanation, and what takes too long to look for anywhere else. */
export interface ExplainedRequest extends Explanation {
  readonly meant: PerhapsMeant | undefined
}
