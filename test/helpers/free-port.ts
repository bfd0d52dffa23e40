import { createServer } from 'node:net'

/**
 * A port of 127.0.0.1 that nobody has, for a process that must be told one. Below those that the system gives to whoever
 * asks for any, or it could be somebody else's by the time that it is used; other tests at the same time look elsewhere.
 */
export async function freePort(): Promise<number> {
  while (!(await isFree(++last)));
  return last
}

/** A range for each process; some thousand processes come before two have the same one. */
const RANGE = 16
let last = 10_000 + ((process.pid * RANGE) % 20_000)

function isFree(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const server = createServer().on('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)))
  })
}
