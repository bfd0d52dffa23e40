/** WebSocket frames by RFC 6455 section 5, right and wrong: for a relay they are all the same. */
export function frames(): readonly (readonly [what: string, bytes: Buffer])[] {
  const text = (value: string): Buffer => Buffer.from(value)
  const control = [CLOSE, PING, PONG].map(
    opcode =>
      [`control frame ${opcode} of 125 bytes`, frame({ opcode, payload: Buffer.alloc(125, 'c') })] as const,
  )
  return [
    ['a text', frame({ opcode: TEXT, payload: text('hello') })],
    ['an empty text', frame({ opcode: TEXT })],
    ['a text that is not masked', frame({ opcode: TEXT, payload: text('hello'), mask: undefined })],
    ['a mask of zeros', frame({ opcode: TEXT, payload: text('hello'), mask: Buffer.alloc(4) })],
    ['a binary of 126 bytes', frame({ opcode: BINARY, payload: Buffer.alloc(126, 1) })],
    ['a binary of 65,535 bytes', frame({ opcode: BINARY, payload: Buffer.alloc(65_535, 2) })],
    ['a binary of 65,536 bytes', frame({ opcode: BINARY, payload: Buffer.alloc(65_536, 3) })],
    ['a length of 5 in 16 bits', frame({ opcode: TEXT, payload: text('hello'), lengthBytes: 2 })],
    ['a length of 5 in 64 bits', frame({ opcode: TEXT, payload: text('hello'), lengthBytes: 8 })],
    ['a length of 2^63 and nothing of it', Buffer.from('82ff8000000000000000000000000102', 'hex')],
    ['a length of 2^64 - 1', Buffer.from('82ffffffffffffffffff000000000102', 'hex')],
    [
      'two fragments',
      Buffer.concat([
        frame({ opcode: TEXT, fin: false, payload: text('frag') }),
        frame({ opcode: CONTINUATION, payload: text('ment') }),
      ]),
    ],
    [
      'a ping between two fragments',
      Buffer.concat([
        frame({ opcode: TEXT, fin: false, payload: text('frag') }),
        frame({ opcode: PING, payload: text('ping') }),
        frame({ opcode: CONTINUATION, payload: text('ment') }),
      ]),
    ],
    [
      'a thousand fragments of a byte',
      Buffer.concat(
        Array.from({ length: 1000 }, (_, n) =>
          frame({ opcode: n === 0 ? TEXT : CONTINUATION, fin: n === 999, payload: text('x') }),
        ),
      ),
    ],
    ['a continuation of nothing', frame({ opcode: CONTINUATION, payload: text('x') })],
    [
      'a text within a fragmented one',
      Buffer.concat([frame({ opcode: TEXT, fin: false }), frame({ opcode: TEXT, payload: text('x') })]),
    ],
    ['a fragmented ping', frame({ opcode: PING, fin: false, payload: text('x') })],
    ['a ping of 126 bytes', frame({ opcode: PING, payload: Buffer.alloc(126) })],
    ...control,
    ...[1, 2, 3, 4, 5, 6, 7].map(
      bits => [`reserved bits ${bits}`, frame({ opcode: TEXT, reserved: bits, payload: text('x') })] as const,
    ),
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map(
      opcode => [`opcode ${opcode}`, frame({ opcode, payload: text('x') })] as const,
    ),
    [
      'a text that is no UTF-8',
      frame({ opcode: TEXT, payload: Buffer.from('cebae1bdb9cf83ceedbfbf', 'hex') }),
    ],
    [
      'a character across two fragments',
      Buffer.concat([
        frame({ opcode: TEXT, fin: false, payload: Buffer.from('f09f', 'hex') }),
        frame({ opcode: CONTINUATION, payload: Buffer.from('9880', 'hex') }),
      ]),
    ],
    ['a close without a code', frame({ opcode: CLOSE })],
    ['a close of one byte', frame({ opcode: CLOSE, payload: Buffer.from([3]) })],
    ...[0, 999, 1000, 1004, 1005, 1006, 1011, 1015, 2999, 3000, 4999, 65_535].map(
      code => [`a close with ${code}`, frame({ opcode: CLOSE, payload: closing(code, 'why') })] as const,
    ),
    ['a close whose reason is no UTF-8', frame({ opcode: CLOSE, payload: Buffer.from('03e8ff', 'hex') })],
    [
      'frames behind a close',
      Buffer.concat([
        frame({ opcode: CLOSE, payload: closing(1000, '') }),
        frame({ opcode: TEXT, payload: text('late') }),
      ]),
    ],
    ['no frame at all', Buffer.from('GET / HTTP/1.1\r\nHost: y\r\n\r\n')],
  ]
}

interface Frame {
  readonly opcode: number
  readonly fin?: boolean
  readonly reserved?: number
  readonly payload?: Buffer
  readonly mask?: Buffer | undefined
  /** Of the extended length; by default as few as will do. */
  readonly lengthBytes?: 0 | 2 | 8
}

function frame(facts: Frame): Buffer {
  const { opcode, fin = true, reserved = 0, payload = Buffer.alloc(0) } = facts
  const mask = 'mask' in facts ? facts.mask : Buffer.from([1, 2, 3, 4])
  const { lengthBytes = payload.length < 126 ? 0 : payload.length < 65_536 ? 2 : 8 } = facts
  const length = lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127
  const extended = Buffer.alloc(lengthBytes)
  if (lengthBytes === 2) extended.writeUInt16BE(payload.length)
  if (lengthBytes === 8) extended.writeBigUInt64BE(BigInt(payload.length))
  const first = (fin ? 0x80 : 0) | (reserved << 4) | opcode
  const data = payload.map((byte, index) => byte ^ (mask?.[index % 4] ?? 0))
  return Buffer.concat([
    Buffer.from([first, (mask ? 0x80 : 0) | length]),
    extended,
    mask ?? Buffer.alloc(0),
    data,
  ])
}

function closing(code: number, reason: string): Buffer {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return Buffer.concat([payload, Buffer.from(reason)])
}

const [CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG] = [0, 1, 2, 8, 9, 10] as const
