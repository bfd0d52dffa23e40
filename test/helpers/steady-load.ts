import { Agent, request } from 'node:http'

export interface LoadOptions {
  /** Requests in flight at once, each client's next one after its last; connections are kept alive. */
  readonly clients: number
  readonly origin?: string
  /** Go on where no connection is accepted, instead of ending there: for what is behind a balancer. */
  readonly persistent?: boolean
}

export interface LoadResult {
  readonly answered: number
  /** Connections that were refused: their request was never sent. */
  readonly refused: number
  /** What became of every request that was sent and did not get its whole 200. */
  readonly lost: readonly string[]
}

export interface Load {
  /** Answered so far. */
  readonly count: number
  /** Resolves once so many requests have been answered in all. */
  answered(count: number): Promise<void>
  /** Lets what is in flight end, then counts. */
  stop(): Promise<LoadResult>
}

/** Keeps a server busy and accounts for every request. */
export function steadyLoad(port: number, { clients, origin, persistent = false }: LoadOptions): Load {
  const agent = new Agent({ keepAlive: true, maxSockets: clients })
  const headers = origin === undefined ? {} : { origin }
  const lost: string[] = []
  let [answered, refused, stopped] = [0, 0, false]
  let waiting: { count: number; resolve(): void }[] = []

  const one = (number: number): Promise<'answered' | 'refused' | 'lost'> =>
    new Promise(resolve => {
      const fail = (what: string): void => {
        lost.push(`request ${number}: ${what}`)
        resolve('lost')
      }
      const sent = request({ host: '127.0.0.1', port, path: `/${number}`, headers, agent }, response => {
        let size = 0
        response.on('data', chunk => {
          size += chunk.length
        })
        response.on('end', () => {
          if (response.statusCode === 200 && response.complete && size > 0) resolve('answered')
          else fail(`status ${response.statusCode}, complete: ${response.complete}`)
        })
        response.on('error', error => fail(`cut: ${error.message}`))
      })
      sent.on('error', (error: NodeJS.ErrnoException) => {
        if (error.code === 'ECONNREFUSED') resolve('refused')
        else fail(`${error.code ?? error.message}${sent.reusedSocket ? ' on a kept-alive connection' : ''}`)
      })
      sent.end()
    })

  let next = 0
  const client = async (): Promise<void> => {
    while (!stopped) {
      const outcome = await one(next++)
      if (outcome === 'answered') answered++
      if (outcome === 'refused') {
        refused++
        if (!persistent) return
      }
      for (const waiter of waiting) if (answered >= waiter.count) waiter.resolve()
      waiting = waiting.filter(waiter => answered < waiter.count)
    }
  }
  const running = Array.from({ length: clients }, client)
  return {
    get count() {
      return answered
    },
    answered: count =>
      new Promise((resolve, reject) => {
        waiting.push({ count, resolve })
        void Promise.all(running).then(() =>
          reject(new Error(`the load ended after ${answered}: ${lost.slice(0, 3)}`)),
        )
      }),
    stop: async () => {
      stopped = true
      await Promise.all(running)
      agent.destroy()
      return { answered, refused, lost }
    },
  }
}
