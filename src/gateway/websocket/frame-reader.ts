/** Follows a stream of WebSocket frames (RFC 6455 section 5.2) just far enough to know where one ends. */
export class FrameReader {
  #header: number[] = []
  #payloadLeft = 0

  /** True where the next byte begins a frame: only there may a frame of ours be put in. */
  get between(): boolean {
    return this.#payloadLeft === 0 && this.#header.length === 0
  }

  read(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#payloadLeft > 0) {
        const step = Math.min(this.#payloadLeft, chunk.length - at)
        this.#payloadLeft -= step
        at += step
        continue
      }
      this.#header.push(chunk[at++]!)
      const length = payloadLength(this.#header)
      if (length === undefined) continue
      this.#payloadLeft = length
      this.#header = []
    }
  }
}

/** A Close frame with status 1001, "going away" (section 7.4.1), as a server sends it and as a client does: masked. */
export const GOING_AWAY = {
  toClient: Buffer.from('880203e9', 'hex'),
  toServer: Buffer.from('88820000000003e9', 'hex'),
}

// Undefined until the header is whole.
function payloadLength(header: readonly number[]): number | undefined {
  const second = header[1]
  if (second === undefined) return undefined
  const short = second & 0x7f
  const extended = short === 126 ? 2 : short === 127 ? 8 : 0
  if (header.length < 2 + extended + (second & 0x80 ? 4 : 0)) return undefined
  return extended === 0 ? short : header.slice(2, 2 + extended).reduce((sum, byte) => sum * 256 + byte, 0)
}
