import type { Worker } from 'node:cluster'
import type { Logger } from 'pino'
import type { FleetMember } from './fleet-member.js'
import { tell } from './worker-questions.js'

/**
 * Ends a worker whose event loop stands still: it keeps its share of the port's connections, and answers none of them.
 * Its end is that of any worker that dies.
 *
 * What counts is how often it was asked in vain, and not the time: after a pause of the whole machine all of them would
 * seem late.
 *
 * @param time milliseconds without a word from it
 */
export function watchForHang(worker: Worker, member: FleetMember, time: number, log: Logger): void {
  let asked = 0
  worker.on('message', () => {
    asked = 0
  })
  const timer = setInterval(() => {
    if (asked++ < QUESTIONS) {
      tell(worker, { type: 'ping' })
      return
    }
    clearInterval(timer)
    member.hung = true
    log.error({ event: 'worker.hung', worker: worker.process.pid, silentForMilliseconds: time })
    worker.process.kill('SIGKILL')
  }, time / QUESTIONS).unref()
  worker.once('exit', () => clearInterval(timer))
}

const QUESTIONS = 10
