import { once } from 'node:events'
import type { Test } from 'tap'
import { WebSocket } from 'ws'
import type { TestGateway } from './gateway.js'

/** Flags of Node: opens the inspector, and leaves what is allocated in the new space, uncollected, up to 128 MiB. */
export const INSPECTED = ['--inspect=127.0.0.1:0', '--min-semi-space-size=128', '--max-semi-space-size=128']

/** Reads the heap of a gateway that was started with {@link INSPECTED}. */
export interface Heap {
  /** Bytes in use now, buffers included: what was allocated since `collect`, as long as nothing was collected. */
  used(): Promise<number>
  /** Collects all garbage. */
  collect(): Promise<void>
}

export async function heapOf(t: Test, gateway: TestGateway): Promise<Heap> {
  const url = /ws:\/\/127\.0\.0\.1:\d+\/\S+/.exec(gateway.stderr())?.[0]
  if (url === undefined) throw new Error('the gateway was not started with an inspector')
  const inspector = new WebSocket(url, { perMessageDeflate: false })
  await once(inspector, 'open')
  t.teardown(() => inspector.terminate())
  let last = 0
  const ask = async (method: string, params = {}): Promise<Record<string, unknown>> => {
    const id = ++last
    inspector.send(JSON.stringify({ id, method, params }))
    for (;;) {
      const [message] = (await once(inspector, 'message')) as [Buffer]
      const answer = JSON.parse(String(message))
      if (answer.id === id) return answer.result
    }
  }
  return {
    async used() {
      const expression = '(m => m.heapUsed + m.external)(process.memoryUsage())'
      const { result } = await ask('Runtime.evaluate', { expression, returnByValue: true })
      return (result as { value: number }).value
    },
    async collect() {
      await ask('HeapProfiler.collectGarbage')
    },
  }
}
