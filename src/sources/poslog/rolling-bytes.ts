/** The last bytes of a stream, by their position in the stream. What lies before `forgetBefore` is let go. */
export class RollingBytes {
  #pieces: { from: number; bytes: Uint8Array }[] = []
  #end = 0

  append(bytes: Uint8Array): void {
    this.#pieces.push({ from: this.#end, bytes })
    this.#end += bytes.length
  }

  forgetBefore(position: number): void {
    while (this.#pieces[0] && this.#pieces[0].from + this.#pieces[0].bytes.length <= position) this.#pieces.shift()
  }

  /** A copy, so that one transaction does not hold the whole stream. */
  copy(from: number, to: number): Uint8Array {
    const parts: Uint8Array[] = []
    for (const piece of this.#pieces) {
      if (piece.from + piece.bytes.length <= from || piece.from >= to) continue
      parts.push(piece.bytes.subarray(Math.max(0, from - piece.from), Math.min(piece.bytes.length, to - piece.from)))
    }
    return Buffer.concat(parts)
  }

  /** Where the byte stands last before `end`; -1 when it is nowhere in what is kept. */
  lastIndexOf(byte: number, end: number): number {
    for (const { from, bytes } of this.#pieces.toReversed()) {
      const index = end > from ? bytes.lastIndexOf(byte, Math.min(bytes.length, end - from) - 1) : -1
      if (index >= 0) return from + index
    }
    return -1
  }
}
