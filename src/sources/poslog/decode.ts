import { isAscii } from 'node:buffer'
import { Problem } from '../../contract/problem.ts'

/**
 * Pieces of exactly `size` bytes (the last may be shorter), however the input was cut: results never depend on the cuts. Each
 * piece is overwritten by the next.
 */
export async function* inPieces(
  input: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array> {
  const piece = new Uint8Array(size)
  let filled = 0
  for await (const chunk of input) {
    let taken = 0
    while (taken < chunk.length) {
      const count = Math.min(size - filled, chunk.length - taken)
      piece.set(chunk.subarray(taken, taken + count), filled)
      taken += count
      filled += count
      if (filled < size) continue
      yield piece
      filled = 0
    }
  }
  if (filled > 0) yield piece.subarray(0, filled)
}

/** UTF-8 to text piece by piece; the byte order mark stays, so that positions count it. */
export class Utf8Pieces {
  /** The last piece ended within or just behind a character of several bytes: the decoder may hold a part of it. */
  #isWithinCharacter = false
  #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

  write(piece: Uint8Array): string {
    return this.#decode(piece, true)
  }

  end(): void {
    this.#decode(new Uint8Array(0), false)
  }

  /** Whole characters of ASCII need no decoder, whose buffers would wait for the garbage collector. */
  #decode(piece: Uint8Array, stream: boolean): string {
    if (stream && !this.#isWithinCharacter && isAscii(piece)) {
      return Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1')
    }
    this.#isWithinCharacter = (piece.at(-1) ?? 0) >= 0x80
    try {
      return this.#decoder.decode(piece, { stream })
    } catch (cause) {
      throw new Problem('invalid-encoding', 'The XML is not valid UTF-8.', { cause })
    }
  }
}

/** Counts bytes along with characters: where a character of the text stands in the bytes. */
export class BytePositions {
  #text = ''
  #textFrom = 0
  #isAscii = true
  #characters = 0
  #bytes = 0

  /** The next text; positions only go forward. */
  enter(text: string): void {
    if (this.#text !== '') this.at(this.#textFrom + this.#text.length)
    this.#textFrom += this.#text.length
    this.#text = text
    this.#isAscii = Buffer.byteLength(text) === text.length
  }

  get isAscii(): boolean {
    return this.#isAscii
  }

  at(character: number): number {
    this.#bytes += this.#isAscii
      ? character - this.#characters
      : Buffer.byteLength(this.#text.slice(this.#characters - this.#textFrom, character - this.#textFrom))
    this.#characters = character
    return this.#bytes
  }
}
