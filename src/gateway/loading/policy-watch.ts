import { type FSWatcher, realpathSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { type PolicySnapshot, snapshotPolicy } from './policy-snapshot.js'
import { type PolicyStamp, stampOf } from './policy-stamp.js'

export interface PolicyWatchOptions {
  readonly path: string
  /** Milliseconds between looks where no event comes. */
  readonly poll: number
  /** The hash of what is known already. */
  readonly hash: string
  /** Files besides the policy's own whose change is a change, as TLS material. Asked at each look. */
  extraFiles(): readonly string[]
  /** Called for content that is new and has stopped changing; also for a policy that can no longer be read. */
  onChange(snapshot: PolicySnapshot, trigger: 'watch' | 'poll'): void
}

/**
 * Watches a policy by its content. Events only say when to look: they differ by editor and file system, a watch on a
 * file goes deaf after a ConfigMap's first swap, so directories are watched, and a poll finds what no event tells. It
 * reads the content where the file system says that it may be another, and once in a while without being told: a busy
 * directory, in which the audit log may be, makes many events.
 *
 * A file that is written in place is first empty, then partly there, and a part can be a valid policy: content counts
 * only once two looks SETTLE_MILLISECONDS apart found it the same. A ConfigMap's swap is atomic and counts at once.
 */
export class PolicyWatch {
  readonly #options: PolicyWatchOptions
  readonly #poll: NodeJS.Timeout
  #watchers: FSWatcher[] = []
  #watched = ''
  #look: NodeJS.Timeout | undefined
  #known: string
  /** The stamp of what is known, once it can be trusted. */
  #stamp: string | undefined
  /** When it was read, Unix milliseconds. */
  #read = 0
  /** New content and when it was first seen, in milliseconds of the clock that nobody sets. */
  #candidate: { readonly hash: string; readonly since: number } | undefined
  #closed = false

  constructor(options: PolicyWatchOptions) {
    this.#options = options
    this.#known = options.hash
    this.#arm()
    this.#poll = setInterval(() => this.#lookAs('poll'), options.poll).unref()
  }

  /** Tells of content that was read otherwise, so that it is not reported again. */
  known(hash: string): void {
    this.#known = hash
    this.#stamp = undefined
    this.#candidate = undefined
  }

  close(): void {
    this.#closed = true
    clearInterval(this.#poll)
    clearTimeout(this.#look)
    for (const watcher of this.#watchers) watcher.close()
  }

  // The directory of the file, and where the path leads through symbolic links. Armed anew whenever that changes.
  #arm(): void {
    const directories = directoriesOf(this.#options.path)
    const watched = directories.map(identityOf).join('\n')
    if (watched === this.#watched) return
    this.#watched = watched
    for (const watcher of this.#watchers.splice(0)) watcher.close()
    for (const directory of directories) {
      try {
        const watcher = watch(directory, { persistent: false }, () =>
          this.#soon('watch', GATHER_MILLISECONDS),
        )
        watcher.on('error', () => watcher.close())
        this.#watchers.push(watcher)
      } catch {
        // Gone for the moment: the poll comes back to it.
      }
    }
  }

  // A look that is due stays: put off by each event, it would never come where events never end.
  #soon(trigger: 'watch' | 'poll', milliseconds: number): void {
    if (this.#closed || this.#look !== undefined) return
    this.#look = setTimeout(() => {
      this.#look = undefined
      this.#lookAs(trigger)
    }, milliseconds).unref()
  }

  #lookAs(trigger: 'watch' | 'poll'): void {
    // A look that is due will see whatever this one would, and knows what it waits for.
    if (this.#look !== undefined) return
    this.#arm()
    const { path } = this.#options
    const extraFiles = this.#options.extraFiles()
    const stamp = stampOf(path, extraFiles)
    if (this.#isUntouched(stamp)) return
    const snapshot = snapshotPolicy(path, extraFiles)
    // The next look may find out more.
    if (snapshot.starved) return
    this.#read = Date.now()
    this.#stamp = undefined
    if (snapshot.hash === this.#known) {
      this.#candidate = undefined
      if (stamp !== undefined && stamp.changed < this.#read - STAMP_MILLISECONDS) this.#stamp = stamp.text
      return
    }
    if (!snapshot.atomic) {
      if (this.#candidate?.hash !== snapshot.hash)
        this.#candidate = { hash: snapshot.hash, since: performance.now() }
      const left = this.#candidate.since + SETTLE_MILLISECONDS - performance.now()
      if (left > 0) {
        this.#soon(trigger, left)
        return
      }
    }
    this.known(snapshot.hash)
    this.#options.onChange(snapshot, trigger)
  }

  #isUntouched(stamp: PolicyStamp | undefined): boolean {
    return stamp !== undefined && stamp.text === this.#stamp && Date.now() - this.#read < STALE_MILLISECONDS
  }
}

function directoriesOf(path: string): readonly string[] {
  const found = new Set<string>([dirname(path)])
  try {
    const target = realpathSync(path)
    const directory = statSync(path).isDirectory()
    if (directory) found.add(path)
    found.add(directory ? target : dirname(target))
  } catch {
    // Not there: its directory tells when it is.
  }
  return [...found]
}

// A directory that was made anew has the old name but the old watch does not hold it.
function identityOf(directory: string): string {
  try {
    const { ino, dev } = statSync(directory)
    return `${directory} ${dev}:${ino}`
  } catch {
    return `${directory} missing`
  }
}

/** After the first event; a change of several files makes several. */
const GATHER_MILLISECONDS = 50
// A file that is written twice within one tick of its file system's clock, which on some is two seconds long, has the
// same stamp after both: one of something newer says nothing.
const STAMP_MILLISECONDS = 3_000
// File systems over a network may be behind with it.
const STALE_MILLISECONDS = 60_000
const SETTLE_MILLISECONDS = 300
