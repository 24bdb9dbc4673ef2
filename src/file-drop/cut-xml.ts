import { createReadStream } from 'node:fs'
import { SaxesParser, type SaxesTagPlain } from 'saxes'
import type { Part, PartLimits, StartAt } from './part.ts'

/** A tag longer than this, or deeper elements, and the hub may judge the document as a whole. */
const tagBytesMax = 65_536
const depthMax = 64

/**
 * Cuts an XML document between its Transaction elements. Each part begins with the tags that are open there and ends by closing
 * what is open at its end. Bytes are read as Latin-1, one character each, so that the parser's positions are places in the file.
 * What is not well-formed is left to the hub: the rest of the file becomes one part, and its answer says what is wrong.
 */
export async function* cutXml(file: string, bytes: number, start: StartAt, limits: PartLimits): AsyncGenerator<Part> {
  const cutter = new XmlCutter(start.offset, limits)
  try {
    for await (const chunk of createReadStream(file, { highWaterMark: 262_144 }) as AsyncIterable<Buffer>) {
      cutter.write(chunk)
      yield* cutter.take()
    }
    cutter.end()
  } catch (error) {
    if (!(error instanceof CannotCut)) throw error
    yield* cutter.take()
  }
  const rest = cutter.rest(bytes)
  if (rest) yield rest
}

class CannotCut extends Error {}

interface Cut {
  at: number
  /** Tags that are open there, from the outermost. */
  open: readonly OpenTag[]
}

interface OpenTag {
  name: string
  /** As it stands in the document, with its namespaces. */
  text: string
}

class XmlCutter {
  #parser = new SaxesParser({ xmlns: false, position: false })
  #limits: PartLimits
  #open: OpenTag[] = []
  #prolog = ''
  #depthOfTransaction = 0
  #slices = 0
  #lastCut: Cut
  #found: Part[] = []
  /** The bytes of the last chunks, for the text of tags. */
  #text = ''
  #textFrom = 0
  #isFirst = true
  #skippedBytes = 0
  #endsWell = false

  constructor(offset: number, limits: PartLimits) {
    this.#limits = limits
    this.#lastCut = { at: offset, open: [] }
    this.#parser.on('doctype', () => {
      throw new CannotCut()
    })
    this.#parser.on('error', () => {
      throw new CannotCut()
    })
    this.#parser.on('opentag', (tag) => this.#openTag(tag))
    this.#parser.on('closetag', () => this.#closeTag())
  }

  write(chunk: Buffer): void {
    let text = chunk.toString('latin1')
    if (this.#isFirst && text.startsWith('\u00ef\u00bb\u00bf')) {
      text = text.slice(3)
      this.#skippedBytes = 3
    }
    this.#isFirst = false
    this.#text += text
    this.#parser.write(text)
    const kept = this.#text.slice(-tagBytesMax)
    this.#textFrom += this.#text.length - kept.length
    this.#text = kept
  }

  end(): void {
    this.#parser.close()
    this.#endsWell = true
  }

  take(): Part[] {
    return this.#found.splice(0)
  }

  /** What is left, once the whole file was looked at: nothing but closing tags, or what nobody could cut. */
  rest(bytes: number): Part | undefined {
    const { at, open } = this.#lastCut
    if (at >= bytes || (this.#endsWell && this.#slices === 0 && at > 0)) return undefined
    const slices = this.#endsWell ? this.#slices : undefined
    return { from: at, to: bytes, head: at === 0 ? '' : this.#headOf(open), tail: '', slices, lines: 0 }
  }

  get #position(): number {
    return this.#parser.position + this.#skippedBytes
  }

  #openTag(tag: SaxesTagPlain): void {
    const end = this.#parser.position - this.#textFrom
    const from = this.#text.lastIndexOf('<', end - 1)
    if (from < 0 || this.#open.length >= depthMax) throw new CannotCut()
    if (this.#open.length === 0) this.#prolog = this.#text.slice(0, this.#textFrom === 0 ? from : 0)
    this.#open.push({ name: tag.name, text: this.#text.slice(from, end) })
    const local = tag.name.slice(tag.name.indexOf(':') + 1)
    if (local === 'Transaction' && this.#depthOfTransaction === 0) this.#depthOfTransaction = this.#open.length
  }

  #closeTag(): void {
    const depth = this.#open.length
    this.#open.pop()
    if (depth !== this.#depthOfTransaction) return
    this.#depthOfTransaction = 0
    const at = this.#position
    // Up to where the file was left: answered for. There the tags are needed that are open.
    if (at === this.#lastCut.at) this.#lastCut = { at, open: [...this.#open] }
    if (at <= this.#lastCut.at) return
    this.#slices += 1
    if (this.#slices < this.#limits.slicesMax && at - this.#lastCut.at < this.#limits.bytesMin) return
    this.#cut(at)
  }

  #cut(at: number): void {
    const { at: from, open } = this.#lastCut
    const tail = this.#open.toReversed().map(({ name }) => `</${name}>`)
    this.#found.push({
      from,
      to: at,
      head: from === 0 ? '' : this.#headOf(open),
      tail: tail.join(''),
      slices: this.#slices,
      lines: 0,
    })
    this.#lastCut = { at, open: [...this.#open] }
    this.#slices = 0
  }

  #headOf(open: readonly OpenTag[]): string {
    return this.#prolog + open.map(({ text }) => text).join('')
  }
}
