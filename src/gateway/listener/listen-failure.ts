/** Why a port could not be opened, and what to do about it, in one sentence. */
export function listenFailure(
  { host, port }: { readonly host: string; readonly port: number },
  error: unknown,
  flag: '--listen' | '--admin',
): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  const why = WAYS_OUT[code]?.(flag, port) ?? message
  return `cannot listen on ${host}:${port}: ${why}`
}

const WAYS_OUT: Readonly<Record<string, (flag: string, port: number) => string>> = {
  EADDRINUSE: (flag, port) =>
    `another process has this port. Say another one with ${flag} HOST:PORT, or end that process (\`ss -ltnp "sport = :${port}"\` names it)`,
  EACCES: flag =>
    `this user may not open it; ports below 1024 need a privilege. Say a higher one with ${flag} HOST:PORT`,
  EADDRNOTAVAIL: flag =>
    `no interface of this machine has this address. Say one that it has with ${flag} HOST:PORT; 0.0.0.0 is all of them`,
}
