import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import type { TestGateway } from '../helpers/gateway.js'
import { eventually } from './rig.js'

/** How a request ended, as its client saw it. */
export type End = 'answered' | 'refused' | 'cut'

/** Every request that was sent, how it ended, and whether the audit log says the same: once, and no more often. */
export class Ledger {
  readonly #ends = new Map<string, { end: End; status: number | undefined }[]>()

  /** @returns the X-Request-Id to send. */
  begin(): string {
    const id = randomUUID()
    this.#ends.set(id, [])
    return id
  }

  end(id: string, end: End, status: number | undefined): void {
    this.#ends.get(id)?.push({ end, status })
  }

  get size(): number {
    return this.#ends.size
  }

  count(wanted: End): number {
    return [...this.#ends.values()].filter(([first]) => first?.end === wanted).length
  }

  /** Checks the books: one end and one record per request, with the status that the client saw. */
  async settle(t: Test, gateway: TestGateway): Promise<void> {
    const recorded = (): Map<string, number[]> => {
      const statuses = new Map<string, number[]>()
      for (const record of gateway.records) {
        if (!record.event.startsWith('cors.')) continue
        const id = String(record['requestId'])
        statuses.set(id, [...(statuses.get(id) ?? []), Number(record['status'])])
      }
      return statuses
    }
    await eventually(() => {
      if (gateway.records.length < this.#ends.size) return false
      const seen = recorded()
      return [...this.#ends.keys()].every(id => seen.has(id))
    })
    const statuses = recorded()
    const wrong: unknown[] = []
    for (const [id, ends] of this.#ends) {
      const records = statuses.get(id) ?? []
      const [first] = ends
      const fits =
        ends.length === 1 &&
        records.length === 1 &&
        (first?.status === undefined || first.status === records[0])
      if (!fits) wrong.push({ id, ends, records })
    }
    t.same(wrong.slice(0, 5), [], `the books balance for ${this.#ends.size} requests`)
  }
}
