/**
 * The last bytes of a stream, by their position in the stream. They are copied into one buffer that is used again and again: bytes
 * of forgotten pieces would wait for the garbage collector, which does not see how much memory they hold.
 */
export class RollingBytes {
  #buffer = Buffer.alloc(256 * 1024)
  /** Position in the stream of the first byte of the buffer. */
  #from = 0
  #length = 0

  get length(): number {
    return this.#length
  }

  append(bytes: Uint8Array): void {
    const needed = this.#length + bytes.length
    if (needed > this.#buffer.length) {
      const larger = Buffer.alloc(2 * needed)
      this.#buffer.copy(larger, 0, 0, this.#length)
      this.#buffer = larger
    }
    this.#buffer.set(bytes, this.#length)
    this.#length = needed
  }

  forgetBefore(position: number): void {
    const count = Math.min(this.#length, position - this.#from)
    if (count <= 0) return
    this.#buffer.copyWithin(0, count, this.#length)
    this.#from += count
    this.#length -= count
  }

  /** A copy of its own. */
  copy(from: number, to: number): Uint8Array {
    return Buffer.from(this.#buffer.subarray(from - this.#from, to - this.#from))
  }

  /** Where the byte stands last before `end`; -1 when it is nowhere in what is kept. */
  lastIndexOf(byte: number, end: number): number {
    const index = end > this.#from ? this.#buffer.lastIndexOf(byte, end - this.#from - 1) : -1
    return index < 0 ? -1 : this.#from + index
  }
}
