import { createReadStream } from 'node:fs'
import type { Part, PartLimits, StartAt } from './part.ts'

const newline = 0x0a

/** Cuts NDJSON between its lines, from the place on where it was left. A line of any length is passed over without being held. */
export async function* cutLines(file: string, start: StartAt, limits: PartLimits): AsyncGenerator<Part> {
  const cutter = new LineCutter(start, limits)
  for await (const chunk of createReadStream(file, {
    start: start.offset,
    highWaterMark: 262_144,
  }) as AsyncIterable<Buffer>) {
    cutter.write(chunk)
    yield* cutter.take()
  }
  cutter.end()
  yield* cutter.take()
}

class LineCutter {
  #limits: PartLimits
  #from: number
  #position: number
  #lineFrom: number
  #line: number
  #isBlank = true
  /** The numbers of the lines of the part that is growing. */
  #numbers: number[] = []
  #found: Part[] = []

  constructor({ offset, lines }: StartAt, limits: PartLimits) {
    this.#limits = limits
    this.#from = offset
    this.#position = offset
    this.#lineFrom = offset
    this.#line = lines
  }

  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      const end = chunk.indexOf(newline, at)
      const piece = chunk.subarray(at, end < 0 ? chunk.length : end)
      this.#isBlank &&= piece.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d)
      this.#position += piece.length
      at += piece.length
      if (end < 0) continue
      this.#position += 1
      at += 1
      this.#endLine()
    }
  }

  end(): void {
    if (!this.#isBlank) this.#endLine()
    this.#cut(this.#position)
  }

  take(): Part[] {
    return this.#found.splice(0)
  }

  #endLine(): void {
    const { slicesMax, bytesMin, lineBytesMax } = this.#limits
    const isOversized = this.#position - this.#lineFrom > lineBytesMax
    if (isOversized) this.#cut(this.#lineFrom)
    this.#line += 1
    if (!this.#isBlank) this.#numbers.push(this.#line)
    this.#isBlank = true
    this.#lineFrom = this.#position
    if (isOversized || this.#numbers.length >= slicesMax || this.#position - this.#from >= bytesMin)
      this.#cut(this.#position, isOversized)
  }

  #cut(to: number, isOversized = false): void {
    const numbers = this.#numbers
    const part = {
      from: this.#from,
      to,
      head: '',
      tail: '',
      slices: numbers.length,
      lineNumbers: numbers,
      lines: this.#line,
    }
    if (numbers.length > 0) this.#found.push(isOversized ? { ...part, isOversized } : part)
    this.#from = to
    this.#numbers = []
  }
}
