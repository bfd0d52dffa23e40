import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'

/**
 * A directory with these files, gone when the test ends. Not tap's own: its names are so long that messages cut them, and
 * it cannot be had more than once in a test.
 */
export function workDir(t: Pick<Test, 'teardown'>, files: Readonly<Record<string, string>> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'crossgate-'))
  // Runs after the teardowns that come later: what works in it has ended by then.
  t.teardown(() => rmSync(dir, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) writeFileSync(join(dir, name), text)
  return dir
}
