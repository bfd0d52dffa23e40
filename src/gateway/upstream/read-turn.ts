/**
 * Waits until a socket has been read: whatever had come on it when a request is to be sent was sent without being
 * asked for, and must be seen before (GHSA-35p6-xmwp-9g52). The event loop reads sockets in the first half of its turn
 * and runs immediates in the second, so one immediate does where the last response came in an earlier turn, and two
 * where it came in this one.
 */
export class ReadTurn {
  readonly #then: () => void
  #earlier = false

  /** @param then what `wait` waits to do */
  constructor(then: () => void) {
    this.#then = then
  }

  /** A response has just ended. */
  begin(): void {
    this.#earlier = false
    setImmediate(ReadTurn.#end, this)
  }

  wait(): void {
    setImmediate(this.#earlier ? ReadTurn.#run : ReadTurn.#runInNext, this)
  }

  // With an argument, not closures: one is used for every request.
  static #end(turn: ReadTurn): void {
    turn.#earlier = true
  }

  static #run(turn: ReadTurn): void {
    turn.#then()
  }

  static #runInNext(turn: ReadTurn): void {
    setImmediate(ReadTurn.#run, turn)
  }
}
