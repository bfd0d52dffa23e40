import t from 'tap'
import { parseHead } from '../../src/gateway/upstream/response-head.js'
import { forwardedHeaders } from '../../src/http/forwarded.js'
import { needsRaw } from '../../src/scan/raw-exchange.js'
import { isToken } from '../../src/syntax/token.js'

t.test('a token, character by character, for everyone who asks', async t => {
  const separators = '()<>@,;:\\"/[]?={} \t'
  for (let code = 0; code <= 0xff; code++) {
    const character = String.fromCharCode(code)
    const expected = code > 0x20 && code < 0x7f && !separators.includes(character)
    const where = `0x${code.toString(16)}`
    if (isToken(character) !== expected) t.fail(where)
    // A colon ends the name before it, which then is one.
    if (readsName(`x${character}`) !== (expected || character === ':'))
      t.fail(`${where} in an upstream's field`)
    if (isQuoted(`x${character}`) === expected) t.fail(`${where} in Forwarded`)
    if (needsRaw([[`x${character}`, 'y']]) === expected) t.fail(`${where} in a header of the scanner`)
  }
  t.notOk(isToken(''), 'an empty one is none')
  t.notOk(isToken('a\n'), 'nor one with a line end after it')
})

function readsName(name: string): boolean {
  try {
    return parseHead(`HTTP/1.1 200 OK\r\n${name}: y`).headers.length > 0
  } catch {
    return false
  }
}

function isQuoted(host: string): boolean {
  const headers = forwardedHeaders({ clientAddress: '192.0.2.1', host, protocol: 'http', trusted: false })
  return (headers.at(-1) as string).includes(';host="')
}
