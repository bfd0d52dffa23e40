import t from 'tap'
import { corsCheck, preflightCheck } from './fetch-check.js'
import type { HeaderPair } from './vector.js'

// The judge itself: a judge that passes everything would make the vectors worthless.

const ORIGIN = 'https://app.example.com'

t.test('CORS check', async t => {
  const cases: readonly [string, readonly HeaderPair[], boolean, boolean][] = [
    ['no header', [], false, false],
    ['star', [['Access-Control-Allow-Origin', '*']], true, false],
    ['the origin', [acao(ORIGIN)], true, false],
    ['with credentials', [acao(ORIGIN), acac('true')], true, true],
    ['True is not true', [acao(ORIGIN), acac('True')], true, false],
    ['star with credentials', [acao('*'), acac('true')], true, false],
    ['two lines', [acao(ORIGIN), acao(ORIGIN)], false, false],
    ['two stars', [acao('*'), acao('*')], false, false],
    ['credentials twice', [acao(ORIGIN), acac('true'), acac('true')], true, false],
    ['another origin', [acao('https://app.example.co'), acac('true')], false, false],
    ['upper-case name', [['ACCESS-CONTROL-ALLOW-ORIGIN', ORIGIN]], true, false],
    ['upper-case value', [acao('https://APP.example.com')], false, false],
  ]
  for (const [name, lines, omit, include] of cases) {
    t.equal(corsCheck({ origin: ORIGIN, credentials: 'omit' }, lines), omit, `${name}, omit`)
    t.equal(corsCheck({ origin: ORIGIN, credentials: 'include' }, lines), include, `${name}, include`)
  }
})

t.test('CORS-preflight fetch', async t => {
  const cases: readonly [string, string, readonly string[], readonly HeaderPair[], boolean, boolean][] = [
    ['safelisted method needs no list', 'POST', [], [], true, true],
    ['other method does', 'PUT', [], [], false, false],
    ['listed', 'PUT', [], [acam('GET, PUT')], true, true],
    ['over two lines', 'PUT', [], [acam('GET'), acam('PUT')], true, true],
    ['methods compare bytes', 'patch', [], [acam('PATCH')], false, false],
    ['star is literal with credentials', 'PUT', [], [acam('*')], true, false],
    ['header missing', 'GET', ['x-a'], [], false, false],
    ['headers compare without case', 'GET', ['x-a'], [acah('X-A')], true, true],
    ['one of two missing', 'GET', ['x-a', 'x-b'], [acah('x-a')], false, false],
    ['header star', 'GET', ['x-a'], [acah('*')], true, false],
    ['star is not Authorization', 'GET', ['authorization'], [acah('*')], false, false],
    ['Authorization by name', 'GET', ['authorization', 'x-a'], [acah('*, Authorization')], true, false],
    ['empty elements', 'GET', ['x-a'], [acah(',, x-a ,')], true, true],
    ['no list of tokens', 'PUT', [], [acam('PUT, ()')], false, false],
    ['no list of names fails the method too', 'GET', [], [acah('x a')], false, false],
  ]
  for (const [name, method, unsafeHeaders, lines, omit, include] of cases) {
    const all = [acao(ORIGIN), acac('true'), ...lines]
    const request = { origin: ORIGIN, method, unsafeHeaders }
    t.equal(preflightCheck({ ...request, credentials: 'omit' }, 204, all), omit, `${name}, omit`)
    t.equal(preflightCheck({ ...request, credentials: 'include' }, 204, all), include, `${name}, include`)
    t.notOk(preflightCheck({ ...request, credentials: 'omit' }, 403, all), `${name}, no ok status`)
  }
})

function acao(value: string): HeaderPair {
  return ['Access-Control-Allow-Origin', value]
}

function acac(value: string): HeaderPair {
  return ['Access-Control-Allow-Credentials', value]
}

function acam(value: string): HeaderPair {
  return ['Access-Control-Allow-Methods', value]
}

function acah(value: string): HeaderPair {
  return ['Access-Control-Allow-Headers', value]
}
