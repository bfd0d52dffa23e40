import { execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { inCheckout } from './root.js'

/** Bundles a copy of dist as the image does (ADR 40). @returns the path of the program's main module */
export function bundledMain(): string {
  const home = inCheckout('build/bundled')
  const dist = join(home, 'dist')
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  cpSync(inCheckout('dist'), dist, { recursive: true })
  cpSync(inCheckout('package.json'), join(home, 'package.json'))
  symlinkSync(inCheckout('node_modules'), join(home, 'node_modules'))
  execFileSync(process.execPath, [inCheckout('scripts/bundle-serve.mjs'), dist])
  return join(dist, 'cli/main.js')
}
