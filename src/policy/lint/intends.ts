/**
 * What an entry of an allowlist says to whoever reads it: a naive second opinion on the matcher, on texts alone and
 * written apart from it.
 */
export function intends(entry: string, origin: string): boolean {
  if (entry === '*' || entry === origin) return true
  const [scheme, rest = ''] = entry.split('://')
  if (!origin.startsWith(`${scheme}://`)) return false
  const [, host = '', port = ''] = /^(.*?)((?::(?:\d+|\*))?)$/.exec(rest) ?? []
  let left = origin.slice(`${scheme}://`.length)
  if (port === ':*') left = left.replace(/:\d{1,5}$/, '')
  else if (port !== '' && left.endsWith(port)) left = left.slice(0, -port.length)
  else if (port !== '') return false
  if (!host.startsWith('*.')) return left === host
  const labels = left.endsWith(host.slice(1)) ? left.slice(0, -host.length + 1) : ''
  return labels !== '' && labels.split('.').every(label => /^[a-z0-9_-]+$/.test(label))
}
