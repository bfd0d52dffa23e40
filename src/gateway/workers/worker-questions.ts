import type { Worker } from 'node:cluster'
import type { FromWorker, ToWorker } from './worker-messages.js'

/** What a primary asks its workers, each question with a number that the answer bears. */
export class WorkerQuestions {
  readonly #waiting = new Map<number, (reply: FromWorker | undefined) => void>()
  #asked = 0

  /** @returns undefined where the worker ended, or said nothing in `timeout` milliseconds */
  async ask(
    worker: Worker,
    message: (id: number) => ToWorker,
    timeout: number,
  ): Promise<FromWorker | undefined> {
    const id = ++this.#asked
    const gone = (): void => this.#waiting.get(id)?.(undefined)
    const timer = setTimeout(gone, timeout)
    worker.once('exit', gone)
    const reply = await new Promise<FromWorker | undefined>(resolve => {
      this.#waiting.set(id, resolve)
      tell(worker, message(id))
    })
    clearTimeout(timer)
    worker.off('exit', gone)
    this.#waiting.delete(id)
    return reply
  }

  /** The same question to several: what each of them said. */
  async askAll(
    workers: readonly Worker[],
    message: (id: number) => ToWorker,
    timeout: number,
  ): Promise<ReadonlyMap<Worker, FromWorker | undefined>> {
    const asked = workers.map(async worker => [worker, await this.ask(worker, message, timeout)] as const)
    return new Map(await Promise.all(asked))
  }

  answered(reply: FromWorker & { readonly id: number }): void {
    this.#waiting.get(reply.id)?.(reply)
  }
}

/** Nothing happens where the worker is gone. */
export function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {})
}
