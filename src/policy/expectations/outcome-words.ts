/** What an expectation may say of an outcome: the word of the record, or the short one. */
export const OUTCOME_WORDS = {
  allowed: 'allowed',
  denied: 'denied',
  allow: 'allowed',
  deny: 'denied',
} as const

export type OutcomeWord = keyof typeof OUTCOME_WORDS
