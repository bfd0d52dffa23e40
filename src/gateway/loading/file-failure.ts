/** Why a file could not be read, to go after a colon. */
export function whyUnreadable(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException
  if (isDenied(code)) return `permission denied: ${user()} may not read it, or not enter its directory`
  // Node's are `ELOOP: too many symbolic links encountered, stat 'x'`.
  return IN_WORDS[code] ?? message.replace(/^E[A-Z0-9]+: /, '').replace(/, [a-z]+(?: '.*')?$/, '')
}

/** Why a file could not be written. */
export function whyUnwritable(error: unknown): string {
  const { code = '' } = error as NodeJS.ErrnoException
  if (isDenied(code)) return `permission denied: ${user()} may not write it, or make files in its directory`
  return code === 'ENOENT' ? 'there is no such directory' : whyUnreadable(error)
}

function isDenied(code: string): boolean {
  return code === 'EACCES' || code === 'EPERM'
}

// In a container it is seldom who the owner of the file had in mind.
function user(): string {
  return process.getuid === undefined ? 'this user' : `this user (uid ${process.getuid()})`
}

const IN_WORDS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'its path leads through a file',
  EISDIR: 'it is a directory; name a file',
}
