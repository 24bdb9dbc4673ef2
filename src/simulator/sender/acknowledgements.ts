import { type FileHandle, open } from 'node:fs/promises'

/** What a till was told about one receipt, as it stands in the till's own record. */
export interface Acknowledgement {
  status: number
  transactionId: string
  transactionKey: string
  /** Whether the books, stock and loyalty must learn of it. */
  postable: boolean
}

/**
 * A till's own record of what was acknowledged: appended and fsynced before the till goes on, so that nothing the hub says
 * later can change it. Many tills share one fsync.
 */
export class AcknowledgementRecord {
  readonly #handle: FileHandle
  #waiting: { line: string; done(): void; failed(error: unknown): void }[] = []
  #writing = false

  private constructor(handle: FileHandle) {
    this.#handle = handle
  }

  static async open(path: string): Promise<AcknowledgementRecord> {
    return new AcknowledgementRecord(await open(path, 'a'))
  }

  /** Resolves when the line is on disk. */
  append(acknowledgement: Acknowledgement): Promise<void> {
    return new Promise((done, failed) => {
      this.#waiting.push({ line: `${JSON.stringify(acknowledgement)}\n`, done, failed })
      if (!this.#writing) void this.#write()
    })
  }

  /** Resolves when all of them are on disk. */
  async appendAll(acknowledgements: readonly Acknowledgement[]): Promise<void> {
    await Promise.all(acknowledgements.map((one) => this.append(one)))
  }

  async close(): Promise<void> {
    await this.#handle.close()
  }

  async #write(): Promise<void> {
    this.#writing = true
    while (this.#waiting.length > 0) {
      const group = this.#waiting
      this.#waiting = []
      try {
        await this.#handle.write(group.map((one) => one.line).join(''))
        await this.#handle.datasync()
        for (const one of group) one.done()
      } catch (error) {
        for (const one of group) one.failed(error)
      }
    }
    this.#writing = false
  }
}

/** Reads a record again; a line that was torn by a crash was not acknowledged and is left out. */
export function parseAcknowledgements(text: string): Acknowledgement[] {
  const lines = text.split('\n')
  return lines.flatMap((line, index) => {
    if (line === '') return []
    try {
      return [JSON.parse(line) as Acknowledgement]
    } catch (error) {
      if (index === lines.length - 1) return []
      throw error
    }
  })
}
