import { closeSync, fstatSync, openSync, renameSync, writeSync } from 'node:fs'

/** A log that grows beyond this is set aside as `.1`, in the place of the one before it. */
const LARGEST = 10 * 1024 * 1024

/** A file that lines are added to and that never grows without bounds. A line that cannot be written is lost; traffic goes on. */
export class LogFile {
  readonly #path: string
  #file: number | undefined
  #size = 0

  constructor(path: string) {
    this.#path = path
  }

  readonly write = (line: string): void => {
    try {
      this.#file ??= this.#open()
      this.#size += writeSync(this.#file, line)
      if (this.#size > LARGEST) this.#setAside(this.#file)
    } catch {
      // A full disk, or a folder that is gone: the next line tries again.
    }
  }

  #open(): number {
    const file = openSync(this.#path, 'a', 0o600)
    this.#size = fstatSync(file).size
    return file
  }

  #setAside(file: number): void {
    this.#file = undefined
    closeSync(file)
    renameSync(this.#path, `${this.#path}.1`)
  }
}
