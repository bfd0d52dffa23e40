import { executionAsyncResource } from 'node:async_hooks'
import { setFlagsFromString } from 'node:v8'

/** Keeps V8 from what slows a server down for the rest of its life, hours after its start. To be called at its start. */
export function prepareForLongRun(): void {
  keepRequestsYoung()
  keepTicksFast()
}

// Else V8 learns while many requests wait for an upstream at once that some of their objects outlive a collection, and
// makes such ones old from then on, also for requests that are answered at once: whatever they point to is then kept and
// copied until the next major collection. Preflights took twice their time for it (docs/adr/0041).
function keepRequestsYoung(): void {
  setFlagsFromString('--no-allocation-site-pretenuring')
}

// `process.nextTick` makes an object with computed keys. V8 makes such ones fast while it knows their shape, which it
// forgets in a major collection that finds none of them alive; then each costs five times as much, for good, and a
// request is several of them (docs/adr/0042). So one is kept alive.
function keepTicksFast(): void {
  process.nextTick(() => {
    kept.push(executionAsyncResource())
  })
}

const kept: object[] = []
