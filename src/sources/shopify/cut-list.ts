import { Problem } from '../../contract/problem.ts'
import { parseStrictJson } from '../../contract/strict-json.ts'
import { lineBytesMax } from '../split-lines.ts'

const [quote, backslash, openBrace, closeBrace, openBracket, closeBracket] = [0x22, 0x5c, 0x7b, 0x7d, 0x5b, 0x5d]

/** Inside the brace of the document and the bracket of its list. */
const depthOfList = 2

/**
 * Cuts the objects out of a list like `{"orders":[{...},{...}]}`, each with the bytes it has in the input, in the memory of one of
 * them. What stands around them is collected, with a 0 for each object, and must be JSON: after the last object a broken list is
 * the Problem that JSON has.
 */
export class ListCutter {
  private readonly frame: string[] = []
  private frameLength = 0
  private pieces: Uint8Array[] = []
  private size = 0
  private depth = 0
  private inObject = false
  /** After the list anything may follow, objects too. */
  private isOver = false
  private inString = false
  private escaped = false

  /** The objects that these bytes complete. */
  write(chunk: Uint8Array): Uint8Array[] {
    const complete: Uint8Array[] = []
    let from = 0
    for (let at = 0; at < chunk.length; at += 1) {
      const byte = chunk[at] ?? 0
      if (this.inString) this.readInString(byte)
      else if (byte === quote) this.inString = true
      else if (byte === openBrace || byte === openBracket) {
        if (byte === openBrace && this.isBetweenObjects()) {
          this.keepFrame(chunk.subarray(from, at))
          this.inObject = true
          from = at
        }
        this.depth += 1
      } else if (byte === closeBrace || byte === closeBracket) {
        this.depth -= 1
        if (this.inObject && this.depth === depthOfList) {
          complete.push(this.take(chunk.subarray(from, at + 1)))
          from = at + 1
        } else if (this.depth < depthOfList) this.isOver = true
      }
    }
    const rest = chunk.subarray(from)
    if (this.inObject) this.keepPiece(rest)
    else this.keepFrame(rest)
    return complete
  }

  /** Throws the Problem of a list that is broken around its objects, or ends within one. */
  end(): void {
    if (this.inObject) throw new Problem('json-malformed', 'The list ends within an object.')
    parseStrictJson(this.frame.join(''))
  }

  private isBetweenObjects(): boolean {
    return !this.inObject && !this.isOver && this.depth === depthOfList
  }

  private readInString(byte: number): void {
    if (this.escaped) this.escaped = false
    else if (byte === backslash) this.escaped = true
    else if (byte === quote) this.inString = false
  }

  private take(end: Uint8Array): Uint8Array {
    this.keepPiece(end)
    const bytes = Buffer.concat(this.pieces)
    this.pieces = []
    this.size = 0
    this.inObject = false
    this.frame.push('0')
    return bytes
  }

  private keepPiece(piece: Uint8Array): void {
    this.size += piece.length
    if (this.size > lineBytesMax)
      throw new Problem('payload-too-large', `An object is longer than ${lineBytesMax} bytes.`)
    if (piece.length > 0) this.pieces.push(piece.slice())
  }

  private keepFrame(piece: Uint8Array): void {
    this.frameLength += piece.length
    if (this.frameLength > lineBytesMax)
      throw new Problem('payload-too-large', 'A list has too much around its objects.')
    this.frame.push(Buffer.from(piece).toString('latin1'))
  }
}
