import { SaxesParser, type SaxesTagPlain } from 'saxes'
import { isProblem, Problem } from '../contract/problem.ts'
import type { Visit } from './rewrite-json.ts'

const depthMax = 64
const attributesMax = 64
const nameCharactersMax = 256
const textCharactersMax = 1_000_000

interface OpenElement {
  /** Without prefix. */
  name: string
  text: string
}

/**
 * Writes an XML document again with other values, piece by piece: elements, attributes and namespaces stay, comments and processing
 * instructions do not, and CDATA becomes text. It holds no more than the text of one element.
 */
export class XmlRewriter {
  #parser = new SaxesParser({ xmlns: false, position: false })
  #visit: Visit
  #open: OpenElement[] = []
  #written: string[] = []
  #lastEventAt = 0
  #begun = false

  constructor(visit: Visit) {
    this.#visit = visit
    this.#parser.on('doctype', () => {
      throw new Problem('xml-doctype-forbidden')
    })
    this.#parser.on('opentag', (tag) => this.#openTag(tag))
    this.#parser.on('closetag', (tag) => this.#closeTag(tag))
    this.#parser.on('text', (text) => this.#addText(text))
    this.#parser.on('cdata', (text) => this.#addText(text))
  }

  /** Returns what can be written so far. */
  write(text: string): string {
    parseOrThrow(() => this.#parser.write(text))
    const { encoding } = this.#parser.xmlDecl
    if (encoding !== undefined && !/^(utf-?8|us-ascii)$/i.test(encoding)) {
      throw new Problem('invalid-encoding', 'The XML declares another encoding.')
    }
    if (this.#parser.position - this.#lastEventAt > textCharactersMax) throw tooComplex()
    return this.#take()
  }

  end(): string {
    parseOrThrow(() => this.#parser.close())
    this.#written.push('\n')
    return this.#take()
  }

  #openTag(tag: SaxesTagPlain): void {
    this.#lastEventAt = this.#parser.position
    this.#writeText()
    if (!this.#begun) this.#begin(tag)
    const name = localName(tag.name)
    if (this.#open.length >= depthMax || tag.name.length > nameCharactersMax) throw tooComplex()
    const attributes = Object.entries(tag.attributes)
    if (attributes.length > attributesMax) throw tooComplex()
    const written = attributes.map(
      ([given, value]) => ` ${given}="${escapeAttribute(this.#attribute(given, value, name))}"`,
    )
    this.#written.push(`<${tag.name}${written.join('')}${tag.isSelfClosing ? '/' : ''}>`)
    this.#open.push({ name, text: '' })
  }

  #begin(tag: SaxesTagPlain): void {
    if (!/^([\w.-]+:)?(POSLog|DigitalReceipt)$/.test(tag.name)) {
      throw new Problem('xml-malformed', 'The document is not a POSLog or DigitalReceipt.')
    }
    this.#begun = true
    this.#written.push('<?xml version="1.0" encoding="UTF-8"?>\n')
  }

  #attribute(given: string, value: string, element: string): string {
    if (given.length > nameCharactersMax || value.length > textCharactersMax) throw tooComplex()
    if (given === 'xmlns' || given.startsWith('xmlns:')) return value
    const name = localName(given)
    if (name === 'schemaLocation')
      return value.split(/\s+/).every((one) => /^(https?:\/\/www\.|urn:)/.test(one)) ? value : ''
    return this.#visit(value, `@${name}`, element)
  }

  #closeTag(tag: SaxesTagPlain): void {
    this.#lastEventAt = this.#parser.position
    this.#writeText()
    this.#open.pop()
    if (!tag.isSelfClosing) this.#written.push(`</${tag.name}>`)
  }

  #addText(text: string): void {
    this.#lastEventAt = this.#parser.position
    const element = this.#open.at(-1)
    if (element === undefined) return
    element.text += text
    if (element.text.length > textCharactersMax) throw tooComplex()
  }

  /** The text before a tag; a comment in the middle of it does not cut it in two. */
  #writeText(): void {
    const element = this.#open.at(-1)
    if (element === undefined || element.text === '') return
    const isBlank = element.text.trim() === ''
    const text = isBlank ? element.text : this.#visit(element.text, element.name, this.#open.at(-2)?.name ?? '')
    this.#written.push(escapeText(text))
    element.text = ''
  }

  #take(): string {
    const text = this.#written.join('')
    this.#written = []
    return text
  }
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('\r', '&#xD;')
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#xA;').replaceAll('\t', '&#x9;')
}

/** The parser's own messages repeat what the document says; they stay inside, as the cause. */
function parseOrThrow(step: () => void): void {
  try {
    step()
  } catch (cause) {
    if (isProblem(cause)) throw cause
    throw new Problem('xml-malformed', 'The XML is not well-formed or ends early.', { cause })
  }
}

function tooComplex(): Problem {
  return new Problem('xml-too-complex')
}
