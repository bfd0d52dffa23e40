import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'

/** What changed between two texts, as `git apply` and `patch -p1` take it; empty where nothing did. */
export function unifiedDiff(path: string, before: string, after: string): string {
  if (before === after) return ''
  return createTwoFilesPatch(`a/${path}`, `b/${path}`, before, after, undefined, undefined, {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  })
}
