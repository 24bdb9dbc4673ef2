import { SaxesParser } from 'saxes'
import { isProblem, Problem } from '../../contract/problem.ts'
import { BytePositions, Utf8Pieces } from './decode.ts'
import { type Element, localPart } from './element.ts'
import * as limits from './limits.ts'
import {
  attributeName,
  attributeValue,
  elementName,
  enterScope,
  type GivenAttribute,
  outermostScope,
  type Scope,
} from './namespaces.ts'
import { RollingBytes } from './rolling-bytes.ts'

export interface ScannedTransaction {
  element: Element
  /** The element as it stands in the input. */
  bytes: Uint8Array
}

const rootNames = new Set(['POSLog', 'DigitalReceipt'])
const lessThan = 0x3c

/** Cuts a document into its Transaction elements. Holds one transaction at a time. */
export class TransactionScanner {
  #parser = new SaxesParser({ xmlns: false, position: false })
  #utf8 = new Utf8Pieces()
  #positions = new BytePositions()
  #rolling = new RollingBytes()
  #scopes: Scope[] = [outermostScope]
  #open: Element[] = []
  /** Of the tag that is being read. */
  #attributes: GivenAttribute[] = []
  #rootIsOpen = false
  #batchIsOpen = false
  #depth = 0
  /** Depth of the element whose content is passed over; 0 when none is. */
  #skippedFrom = 0
  #elementCount = 0
  #transactionFrom = -1
  #lastEventAt = 0
  #found: ScannedTransaction[] = []

  constructor() {
    // Few handlers on purpose: with more than seven the parser falls into V8's slow object mode and takes four times as long.
    const parser = this.#parser
    parser.on('doctype', () => {
      throw new Problem('xml-doctype-forbidden')
    })
    // Attributes one by one: the parser gives a tag's in an object that is slow to look into, and most tags have none.
    parser.on('attribute', (attribute) => this.#addAttribute(attribute))
    parser.on('opentag', (tag) => this.#openTag(tag.name))
    parser.on('closetag', () => this.#closeTag())
    parser.on('text', (text) => this.#addText(text))
    parser.on('cdata', (text) => this.#addText(text))
  }

  write(piece: Uint8Array): void {
    this.#rolling.append(piece)
    const text = this.#utf8.write(piece)
    this.#positions.enter(text)
    parseOrThrow(() => this.#parser.write(text))
    requireEncoding(this.#parser.xmlDecl.encoding, this.#positions.isAscii)
    const pending = this.#parser.position - this.#lastEventAt
    if (pending > limits.tokenCharactersMax) throw tooComplex('text')
    const end = this.#positions.at(this.#parser.position)
    const isWithin = this.#transactionFrom >= 0
    if (isWithin && end - this.#transactionFrom > limits.transactionBytesMax) {
      throw tooComplex('bytes in one transaction')
    }
    // Of a transaction everything is kept; before one, the tag that may be opening it (four bytes a character at most).
    this.#rolling.forgetBefore(isWithin ? this.#transactionFrom : end - 4 * (pending + 16))
  }

  end(): void {
    this.#utf8.end()
    this.#positions.enter('')
    parseOrThrow(() => this.#parser.close())
  }

  /** Bytes of the input that are held: never more than one transaction and the piece that was given last. */
  get heldBytes(): number {
    return this.#rolling.length
  }

  /** What was found since the last call. */
  take(): ScannedTransaction[] {
    const found = this.#found
    this.#found = []
    return found
  }

  #addAttribute(attribute: GivenAttribute): void {
    if (this.#skippedFrom > 0) return
    if (this.#attributes.length === limits.attributesPerElementMax) throw tooComplex('attributes of one element')
    if (attribute.name.length > limits.nameCharactersMax) throw tooComplex('characters in a name')
    if (attribute.value.length > limits.tokenCharactersMax) throw tooComplex('text')
    this.#attributes.push(attribute)
  }

  #openTag(givenName: string): void {
    this.#noteEvent()
    this.#depth += 1
    if (this.#depth > limits.depthMax) throw tooComplex('depth')
    if (givenName.length > limits.nameCharactersMax) throw tooComplex('characters in a name')
    if (this.#skippedFrom > 0) return
    const attributes = this.#attributes
    const parent = this.#scopes[this.#scopes.length - 1] ?? outermostScope
    const scope = attributes.length === 0 ? parent : enterScope(parent, attributes)
    this.#scopes.push(scope)
    if (attributes.length > 0) this.#attributes = []
    const { canonical: name, isSkipped } = elementName(scope, givenName)
    if (this.#depth === 1) this.#enterRoot(name)
    const above = this.#open[this.#open.length - 1]
    if (above === undefined) {
      if (name === 'Batch' && this.#depth === 2) this.#batchIsOpen = true
      if (this.#depth !== (this.#batchIsOpen ? 3 : 2)) return
      if (name !== 'Transaction') {
        // Forgotten namespaces are the commonest mistake of senders; passed over, their receipts would be lost without a word.
        if (localPart(name) !== 'Transaction') return
        throw new Problem('xml-malformed', 'A Transaction is not in the ARTS namespace.')
      }
      // An attribute cannot hold `<`: the last one begins this tag.
      this.#transactionFrom = this.#rolling.lastIndexOf(lessThan, this.#positions.at(this.#parser.position))
      this.#elementCount = 0
    }
    this.#elementCount += 1
    if (this.#elementCount > limits.elementsPerTransactionMax) throw tooComplex('elements in one transaction')
    if (above !== undefined && isSkipped) {
      // That it was there is no secret; what it says is.
      addChild(above, { name, attributes: undefined, children: noChildren, text: '' })
      this.#skippedFrom = this.#depth
      return
    }
    const element: Element = {
      name,
      attributes: attributes.length === 0 ? undefined : nameAttributes(scope, attributes),
      children: noChildren,
      text: '',
    }
    if (above !== undefined) addChild(above, element)
    this.#open.push(element)
  }

  #closeTag(): void {
    this.#noteEvent()
    const depth = this.#depth
    this.#depth -= 1
    if (this.#skippedFrom > 0) {
      if (depth > this.#skippedFrom) return
      this.#skippedFrom = 0
      this.#scopes.pop()
      return
    }
    this.#scopes.pop()
    if (depth === 2) this.#batchIsOpen = false
    const element = this.#open.pop()
    if (element === undefined || this.#open.length > 0) return
    const end = this.#positions.at(this.#parser.position)
    this.#found.push({ element, bytes: this.#rolling.copy(this.#transactionFrom, end) })
    this.#transactionFrom = -1
  }

  #addText(text: string): void {
    this.#noteEvent()
    if (text.length > limits.tokenCharactersMax) throw tooComplex('text')
    const element = this.#open[this.#open.length - 1]
    if (element !== undefined && this.#skippedFrom === 0) element.text += text
  }

  #enterRoot(name: string): void {
    if (this.#rootIsOpen || !rootNames.has(name)) {
      throw new Problem('xml-malformed', 'The document is not a POSLog or DigitalReceipt of the ARTS namespace.')
    }
    this.#rootIsOpen = true
  }

  #noteEvent(): void {
    this.#lastEventAt = this.#parser.position
  }
}

/** Most elements have no children, and share this. */
const noChildren: Element[] = []

function addChild(parent: Element, child: Element): void {
  if (parent.children === noChildren) parent.children = [child]
  else parent.children.push(child)
}

/** Attributes under their canonical names; one that is there twice under two prefixes makes the document malformed. */
function nameAttributes(scope: Scope, attributes: readonly GivenAttribute[]): Record<string, string> | undefined {
  let named: Record<string, string> | undefined
  for (const given of attributes) {
    if (given.name.startsWith('xmlns')) continue
    const name = attributeName(scope, given.name)
    named ??= Object.create(null) as Record<string, string>
    if (name in named) throw new Problem('xml-malformed', 'An element has the same attribute twice.')
    named[name] = attributeValue(scope, given.value)
  }
  return named
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

function tooComplex(what: string): Problem {
  return new Problem('xml-too-complex', `The XML has more ${what} than allowed.`)
}

function requireEncoding(declared: string | undefined, isAscii: boolean): void {
  if (declared === undefined || /^utf-?8$/i.test(declared)) return
  if (!/^us-ascii$/i.test(declared)) throw new Problem('invalid-encoding', 'The XML declares another encoding.')
  if (!isAscii) throw new Problem('invalid-encoding', 'The XML declares US-ASCII and has other characters.')
}
