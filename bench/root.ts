import { fileURLToPath } from 'node:url'

/** A path in the checkout, from here or from where the compiler put us. */
export function inCheckout(path: string): string {
  const root = import.meta.url.includes('/build/bench/') ? '../../' : '../'
  return fileURLToPath(new URL(root + path, import.meta.url))
}
