/**
 * ASCII texts one after the other in one buffer, known by their numbers from 0. An allowlist of 100,000 origins is 4 MB
 * here and nothing for a garbage collector to visit; as objects it is ten times that. A thread that has read a policy
 * hands the buffers to the one that serves, and nothing is copied.
 */
export class PackedTexts {
  #bytes: Buffer
  #starts: Int32Array
  #length: number

  constructor({ bytes, starts, length }: PackedTextsData = EMPTY) {
    this.#bytes = bufferOf(bytes)
    this.#starts = starts
    this.#length = length
  }

  get length(): number {
    return this.#length
  }

  get bytes(): Uint8Array {
    return this.#bytes
  }

  /** What it consists of, for another thread; only once sealed. */
  get data(): PackedTextsData {
    return { bytes: this.#bytes, starts: this.#starts, length: this.#length }
  }

  startOf(number: number): number {
    return this.#starts[number] as number
  }

  endOf(number: number): number {
    return this.#starts[number + 1] as number
  }

  /** @returns its number */
  push(text: string): number {
    const start = this.#starts[this.#length] as number
    const end = start + text.length
    if (end > this.#bytes.length) this.#bytes = grown(this.#bytes, end, length => Buffer.alloc(length))
    if (this.#length + 2 > this.#starts.length) {
      this.#starts = grown(this.#starts, this.#length + 2, length => new Int32Array(length))
    }
    for (let at = 0; at < text.length; at++) this.#bytes[start + at] = text.charCodeAt(at)
    this.#starts[++this.#length] = end
    return this.#length - 1
  }

  text(number: number): string {
    return this.#bytes.toString('latin1', this.startOf(number), this.endOf(number))
  }

  /** Gives back what was taken in advance; no text can be added after it. */
  seal(): void {
    this.#bytes = bufferOf(new Uint8Array(this.#bytes.subarray(0, this.#starts[this.#length])))
    this.#starts = this.#starts.slice(0, this.#length + 1)
  }
}

export interface PackedTextsData {
  readonly bytes: Uint8Array
  /** Where each text starts, and where the last one ends. */
  readonly starts: Int32Array
  readonly length: number
}

/** `array` with room for `needed` numbers and for as many again. */
export function grown<A extends Uint8Array | Int32Array | Float64Array>(
  array: A,
  needed: number,
  make: (length: number) => A,
): A {
  const larger = make(needed * 2)
  larger.set(array)
  return larger
}

// A view, which knows how to read text.
function bufferOf(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}

const EMPTY: PackedTextsData = { bytes: new Uint8Array(0), starts: new Int32Array(1), length: 0 }
