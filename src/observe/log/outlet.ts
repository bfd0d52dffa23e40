/** Where the lines of a sink go. */
export interface Outlet {
  /** What the process was given is opened once and not closed; a file is opened anew after a rename. */
  readonly isFile: boolean
  /**
   * @returns a descriptor, which answers EAGAIN where it can take nothing
   * @throws Error with one sentence, where it cannot be opened
   */
  open(): number
  /** To be called before each write. */
  unblock(): void
}
