import { ANY_OTHER_ORIGIN, type Change } from '../../policy/diff/change.js'

/** `2 wider, 1 neutral`. */
export function countsOf(changes: readonly Change[]): string {
  return (['wider', 'narrower', 'neutral'] as const)
    .map(direction => [direction, changes.filter(change => change.direction === direction).length] as const)
    .filter(([, count]) => count > 0)
    .map(([direction, count]) => `${count} ${direction}`)
    .join(', ')
}

export function isWidening(changes: readonly Change[]): boolean {
  return changes.some(({ direction }) => direction === 'wider')
}

/** What comes of it for a build. */
export function verdictOf(changes: readonly Change[], allowWidening: boolean): string {
  if (!isWidening(changes)) return 'widens nothing'
  return allowWidening ? 'widens, and passes by --allow-widening' : 'widens: fails unless --allow-widening'
}

/** What a reader must know of the origins that are no origins; undefined where all are. */
export function patternNote(changes: readonly Change[]): string | undefined {
  return changes.some(({ origins }) =>
    origins.some(origin => origin.includes('*') || origin === ANY_OTHER_ORIGIN),
  )
    ? 'A pattern stands for those origins that neither policy names more exactly.'
    : undefined
}

/** The route that a change is about, under both its names where these differ. */
export function routeText({ from, to }: Change): string {
  const route = to ?? from
  if (route === undefined) return 'the whole policy'
  return from === undefined || from === route ? route : `${route}, ${from} before`
}

/** The requests that it is about: `any host, ` and a path, or a pattern with its host. */
export function whereTexts({
  where,
}: Change): readonly { readonly host: string; readonly pattern: string }[] {
  return where.map(pattern => ({ host: pattern.startsWith('/') ? 'any host, ' : '', pattern }))
}
