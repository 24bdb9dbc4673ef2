import {
  type Enumeration,
  headerEnumerations,
  headerNames,
  lineEnumerations,
  lineNames,
  modifierEnumerations,
  taxEnumerations,
} from './names.ts'

type Document = Record<string, unknown>

/**
 * Makes a document of a newer or richer sender fit the model without losing anything: unknown fields and unknown words of
 * closed lists move to `extensions` under their own names. Returns what was unknown, as `field=word` or `field`.
 */
export function keepUnknown(document: Document): string[] {
  const unknown: string[] = []
  moveFields(document, headerNames, unknown)
  moveWords(document, headerEnumerations, unknown)
  if (!Array.isArray(document.lines)) return unknown
  for (const line of document.lines) {
    if (!isDocument(line)) continue
    keepUnknownLine(line, unknown)
  }
  return unknown
}

function keepUnknownLine(line: Document, unknown: string[]): void {
  const names = typeof line.lineType === 'string' ? lineNames[line.lineType] : undefined
  if (!names) {
    if (typeof line.lineType === 'string') {
      note(unknown, 'lineType', line.lineType)
      extend(line, 'lineType', line.lineType)
      line.lineType = 'UNKNOWN'
      moveFields(line, lineNames.UNKNOWN ?? new Set(), unknown)
    }
    return
  }
  moveFields(line, names, unknown)
  moveWords(line, lineEnumerations, unknown)
  for (const tax of documentsIn(line.taxes)) moveWords(tax, taxEnumerations, unknown, line)
  for (const modifier of documentsIn(line.priceModifiers)) moveWords(modifier, modifierEnumerations, unknown, line)
}

function moveFields(document: Document, names: ReadonlySet<string>, unknown: string[]): void {
  for (const name of Object.keys(document)) {
    if (names.has(name)) continue
    note(unknown, name)
    extend(document, name, document[name])
    delete document[name]
  }
}

function moveWords(
  document: Document,
  enumerations: Record<string, Enumeration>,
  unknown: string[],
  extended = document,
): void {
  for (const [name, { known, otherwise }] of Object.entries(enumerations)) {
    const word = document[name]
    if (typeof word !== 'string' || known.has(word)) continue
    note(unknown, name, word)
    extend(extended, name, word)
    if (otherwise === undefined) delete document[name]
    else document[name] = otherwise
  }
}

function extend(document: Document, name: string, value: unknown): void {
  const extensions = isDocument(document.extensions) ? document.extensions : {}
  extensions[name] = value
  document.extensions = extensions
}

/** Vendors' words are short; what is longer is not one, and does not belong into a metric. */
function note(unknown: string[], name: string, word?: string): void {
  if (unknown.length < 100)
    unknown.push(word === undefined ? name.slice(0, 64) : `${name.slice(0, 64)}=${word.slice(0, 64)}`)
}

function documentsIn(value: unknown): Document[] {
  return Array.isArray(value) ? value.filter(isDocument) : []
}

export function isDocument(value: unknown): value is Document {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
