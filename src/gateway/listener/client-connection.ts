import type { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/**
 * The requests of one client's connection that have not ended. Node tells only the response whose turn it is that the
 * connection is gone; those behind it are ended here.
 */
export class ClientConnection {
  readonly #onRequestEnd: () => void
  #open = 0
  #last: ServerResponse | undefined

  constructor(socket: Socket, onRequestEnd: () => void) {
    this.#onRequestEnd = onRequestEnd
    // After Node has told the one it tells.
    socket.once('close', () => process.nextTick(() => this.#endAll()))
  }

  /** The response to the latest request, while it is not ended. */
  get last(): ServerResponse | undefined {
    return this.#last
  }

  begin(response: ServerResponse): void {
    this.#open++
    this.#last = response
    response.on('close', endOf)
  }

  end(response: ServerResponse): void {
    if (this.#last === response) this.#last = undefined
    if (this.#open === 0) return
    this.#open--
    this.#onRequestEnd()
  }

  #endAll(): void {
    this.#last = undefined
    for (; this.#open > 0; this.#open--) this.#onRequestEnd()
  }
}

/** The connection that a socket is; undefined where it has brought no request yet. */
export function connectionOf(socket: Socket): ClientConnection | undefined {
  return (socket as Known)[CONNECTION]
}

/** The same, made with its first request. */
export function openConnection(socket: Socket, onRequestEnd: () => void): ClientConnection {
  const known = connectionOf(socket)
  if (known !== undefined) return known
  const connection = new ClientConnection(socket, onRequestEnd)
  ;(socket as Known)[CONNECTION] = connection
  return connection
}

// One function for all, since it is registered for every request.
function endOf(this: ServerResponse): void {
  connectionOf(this.req.socket)?.end(this)
}

type Known = Socket & { [CONNECTION]?: ClientConnection }
const CONNECTION = Symbol('what is known of a client')
