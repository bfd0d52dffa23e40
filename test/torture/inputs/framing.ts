/** Requests whose framing two servers could read differently, byte for byte; `HIDDEN` is what must never be reached. */
export function smuggled(): readonly (readonly [what: string, bytes: string])[] {
  const post = (...lines: string[]): string => ['POST /x HTTP/1.1', 'Host: x', ...lines].join('\r\n')
  const both = `${CHUNKED}\r\n\r\n0\r\n\r\n${HIDDEN}`
  return [
    ['CL and TE', `${post('Content-Length: 6')}\r\n${both}`],
    ['TE and CL', `${post('Transfer-Encoding: chunked', 'Content-Length: 6')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['two CL', `${post('Content-Length: 5', 'Content-Length: 6')}\r\n\r\nhello${HIDDEN}`],
    ['CL list', `${post('Content-Length: 5, 6')}\r\n\r\nhello${HIDDEN}`],
    ['CL list of equals', `${post('Content-Length: 5, 5')}\r\n\r\nhello${HIDDEN}`],
    ['CL with plus', `${post('Content-Length: +5')}\r\n\r\nhello${HIDDEN}`],
    ['CL negative', `${post('Content-Length: -1')}\r\n\r\n${HIDDEN}`],
    ['CL hex', `${post('Content-Length: 0x5')}\r\n\r\nhello${HIDDEN}`],
    ['CL with space inside', `${post('Content-Length: 1 5')}\r\n\r\nhello${HIDDEN}`],
    ['CL too large', `${post('Content-Length: 99999999999999999999')}\r\n\r\n${HIDDEN}`],
    ['CL empty', `${post('Content-Length: ')}\r\n\r\n${HIDDEN}`],
    ['CL with letters', `${post('Content-Length: 5a')}\r\n\r\nhello${HIDDEN}`],
    ['space before the colon', `${post('Content-Length : 5')}\r\n\r\nhello${HIDDEN}`],
    ['tab before the colon', `${post('Transfer-Encoding\t: chunked')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['a vertical tab in TE', `${post('Transfer-Encoding: \x0bchunked')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['TE xchunked', `${post('Transfer-Encoding: xchunked')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['TE gzip, chunked', `${post('Transfer-Encoding: gzip, chunked')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['TE chunked, identity', `${post('Transfer-Encoding: chunked, identity')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['TE chunked, chunked', `${post('Transfer-Encoding: chunked, chunked')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['TE identity', `${post('Transfer-Encoding: identity')}\r\n\r\n${HIDDEN}`],
    ['two TE', `${post(CHUNKED, 'Transfer-Encoding: identity')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['two TE, cow', `${post(CHUNKED, 'Transfer-Encoding: cow')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['TE in quotes', `${post('Transfer-Encoding: "chunked"')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    [
      'TE in HTTP/1.0',
      `POST /x HTTP/1.0\r\nHost: x\r\n${CHUNKED}\r\nContent-Length: 3\r\n\r\n0\r\n\r\n${HIDDEN}`,
    ],
    ['obs-fold', `${post('X-A: b', ' c: d')}\r\n\r\n${HIDDEN}`],
    ['obs-fold of TE', `${post('Transfer-Encoding:', ' chunked')}\r\n\r\n0\r\n\r\n${HIDDEN}`],
    ['obs-fold first', `POST /x HTTP/1.1\r\n Host: x\r\n\r\n${HIDDEN}`],
    ['bare LF between headers', `POST /x HTTP/1.1\r\nHost: x\nContent-Length: 5\r\n\r\nhello${HIDDEN}`],
    [
      'bare LF at the end of the head',
      `POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\nhello${HIDDEN}`,
    ],
    ['bare LF everywhere', `POST /x HTTP/1.1\nHost: x\nContent-Length: 5\n\nhello`],
    ['bare CR in a value', `${post('X-A: b\rTransfer-Encoding: chunked')}\r\n\r\n${HIDDEN}`],
    ['bare CR as line end', `POST /x HTTP/1.1\rHost: x\r\r${HIDDEN}`],
    ['NUL in a value', `${post('X-A: b\0c')}\r\n\r\n${HIDDEN}`],
    ['NUL in a name', `${post('X-A\0: b')}\r\n\r\n${HIDDEN}`],
    ['a line without a colon', `${post('Content-Length')}\r\n\r\n${HIDDEN}`],
    ['an empty name', `${post(': b')}\r\n\r\n${HIDDEN}`],
    ['a name in brackets', `${post('X[A]: b')}\r\n\r\n${HIDDEN}`],
    ['chunk size with a sign', `${post(CHUNKED)}\r\n\r\n+5\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk size in 0x', `${post(CHUNKED)}\r\n\r\n0x5\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk size too large', `${post(CHUNKED)}\r\n\r\nfffffffffffffffff\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk size negative', `${post(CHUNKED)}\r\n\r\n-1\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk size empty', `${post(CHUNKED)}\r\n\r\n\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk size, then a space', `${post(CHUNKED)}\r\n\r\n5 \r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk size with LF', `${post(CHUNKED)}\r\n\r\n5\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk extension with LF', `${post(CHUNKED)}\r\n\r\n5;a\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk extension with CR', `${post(CHUNKED)}\r\n\r\n5;a\rb\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk without its CRLF', `${post(CHUNKED)}\r\n\r\n5\r\nhello0\r\n\r\n${HIDDEN}`],
    ['chunk longer than said', `${post(CHUNKED)}\r\n\r\n2\r\nhello\r\n0\r\n\r\n${HIDDEN}`],
    ['chunk ended by LF', `${post(CHUNKED)}\r\n\r\n5\r\nhello\n0\r\n\r\n${HIDDEN}`],
  ]
}

/** The request that each of {@link smuggled} tries to hide. */
export const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: x\r\n\r\n'

const CHUNKED = 'Transfer-Encoding: chunked'

/** Answers of an upstream that are no HTTP, or two readings of it. */
export function faultyAnswers(): readonly (readonly [what: string, bytes: string])[] {
  const answer = (...lines: string[]): string => `HTTP/1.1 200 OK\r\n${lines.join('\r\n')}\r\n\r\n`
  return [
    ['a bad Content-Length', `${answer('Content-Length: 5x')}${LEAK}`],
    ['a negative Content-Length', `${answer('Content-Length: -1')}${LEAK}`],
    ['two Content-Lengths', `${answer('Content-Length: 6', 'Content-Length: 7')}${LEAK}`],
    ['CL and TE', `${answer('Content-Length: 6', CHUNKED)}6\r\n${LEAK}\r\n0\r\n\r\n`],
    ['TE and CL', `${answer(CHUNKED, 'Content-Length: 6')}6\r\n${LEAK}\r\n0\r\n\r\n`],
    ['garbage', `${LEAK} ${LEAK}\r\n\r\n`],
    ['another protocol', `SSH-2.0-${LEAK}\r\n`],
    ['status 099', `HTTP/1.1 099 ${LEAK}\r\nContent-Length: 0\r\n\r\n`],
    ['status 600', `HTTP/1.1 600 ${LEAK}\r\nContent-Length: 0\r\n\r\n`],
    ['status 1000', `HTTP/1.1 1000 ${LEAK}\r\nContent-Length: 0\r\n\r\n`],
    ['a status of two digits', `HTTP/1.1 20 ${LEAK}\r\nContent-Length: 0\r\n\r\n`],
    ['HTTP/3.7', `HTTP/3.7 200 ${LEAK}\r\nContent-Length: 0\r\n\r\n`],
    ['a header of 70 KB', answer(`X-Big: ${LEAK}${'x'.repeat(70_000)}`, 'Content-Length: 0')],
    ['an endless head', `HTTP/1.1 200 OK\r\n${`X-Leak: ${LEAK}\r\n`.repeat(20_000)}`],
    ['obs-fold', answer('X-A: b', ` ${LEAK}`, 'Content-Length: 0')],
    ['a space before the colon', answer(`X-A : ${LEAK}`, 'Content-Length: 0')],
    ['NUL in a header', answer(`X-A: ${LEAK}\0`, 'Content-Length: 0')],
    ['bare CR in a header', answer(`X-A: a\rX-B: ${LEAK}`, 'Content-Length: 0')],
    ['101 uninvited', `HTTP/1.1 101 ${LEAK}\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n${LEAK}`],
    ['200 times 1xx', 'HTTP/1.1 100 Continue\r\n\r\n'.repeat(200)],
    ['200 times 103', `HTTP/1.1 103 Early Hints\r\nLink: <${LEAK}>\r\n\r\n`.repeat(200)],
    ['a chunk of no size', `${answer(CHUNKED)}zz\r\n${LEAK}\r\n0\r\n\r\n`],
    ['nothing, then the end', ''],
    ['half a status line', 'HTTP/1.1 20'],
  ]
}

/** Text of an upstream that no client may see. */
export const LEAK = 'LEAKED'
