import { Problem } from '../../contract/problem.ts'
import { dialectNamespace, dialectPrefix } from './dialect/vocabulary.ts'
import { skippedElements } from './skipped-elements.ts'

/** POSLog 2.x, 6.0 and Digital Receipt 2.0 share the first; some 6.0 senders name their version in it. */
const artsNamespaces = new Set([
  'http://www.nrf-arts.org/IXRetail/namespace/',
  'http://www.nrf-arts.org/IXRetail/namespace',
  'http://www.nrf-arts.org/IXRetail/namespace/v6.0.0/poslog',
  'http://www.nrf-arts.org/IXRetail/namespace/v6.0.0/poslog/',
  'http://www.nrf-arts.org/IXRetail/v6.0.0/poslog',
  'http://www.nrf-arts.org/IXRetail/v6.0.0/poslog/',
])

const vendorPrefixes = new Map([
  [dialectNamespace, dialectPrefix],
  ['http://www.ncr.com/rsd/acs/tlog/markup/poslog/2.1', 'acs'],
  ['http://www.sweretailstandard.se/schemas/namespace/se', 'se'],
  ['http://www.datavantagecorp.com/xstore/', 'dtv'],
  ['http://www.datavantagecorp.com/xstore', 'dtv'],
])

/** A sender who invents new names forever does not fill the memory. */
const namesMax = 4_000
const recentNamesCount = 256

/** Prefixes in force in one element. Elements without own declarations share the scope of their parent. */
export interface Scope {
  /** By prefix: what stands before the local name, `''` for ARTS. */
  prefixes: ReadonlyMap<string, string>
  /** Canonical names by name in the document, filled as they are met. */
  elementNames: Map<string, ElementName>
  /** Of these the ones met last, by a number that is cheaper to find out than the hash of a text. */
  recentNames: (ElementName | undefined)[]
  attributeNames: Map<string, string>
}

/** What is known of a name once and for all: it is asked for every element. */
export interface ElementName {
  given: string
  canonical: string
  /** Of `skippedElements`. */
  isSkipped: boolean
}

/** An attribute as it stands in the document. */
export interface GivenAttribute {
  name: string
  value: string
}

export const outermostScope: Scope = makeScope(new Map([['xml', 'xml:']]))

/** The scope of an element: its parent's, or a new one when it declares namespaces. */
export function enterScope(parent: Scope, attributes: readonly GivenAttribute[]): Scope {
  let prefixes: Map<string, string> | undefined
  for (const { name, value: uri } of attributes) {
    if (!name.startsWith('xmlns')) continue
    const prefix = name === 'xmlns' ? '' : name.startsWith('xmlns:') ? name.slice(6) : undefined
    if (prefix === undefined) continue
    if (prefix !== '' && uri === '') throw malformed('A namespace prefix is bound to nothing.')
    prefixes ??= new Map(parent.prefixes)
    prefixes.set(prefix, standFor(prefix, uri))
  }
  return prefixes === undefined ? parent : makeScope(prefixes)
}

/** `nam:Sale` and `Sale` are `Sale` where both mean ARTS. */
export function elementName(scope: Scope, name: string): ElementName {
  const place = (31 * name.length + name.charCodeAt(name.length >> 1)) % recentNamesCount
  const recent = scope.recentNames[place]
  if (recent !== undefined && recent.given === name) return recent
  let known = scope.elementNames.get(name)
  if (known === undefined) {
    const canonical = internalised(resolveName(scope, name, scope.prefixes.get('') ?? '?:'))
    // A name as the parser gives it keeps the whole piece of the document alive that it was cut from.
    known = { given: internalised(name), canonical, isSkipped: skippedElements.has(canonical) }
    if (scope.elementNames.size < namesMax) scope.elementNames.set(known.given, known)
  }
  scope.recentNames[place] = known
  return known
}

/** An attribute without prefix is in no namespace, and belongs to its element. */
export function attributeName(scope: Scope, name: string): string {
  let known = scope.attributeNames.get(name)
  if (known === undefined) {
    known = internalised(resolveName(scope, name, ''))
    if (scope.attributeNames.size < namesMax) scope.attributeNames.set(internalised(name), known)
  }
  return known
}

/** Vendors extend enumerations by `prefix:Word`; the prefix is the document's, and means what it is bound to. */
export function attributeValue(scope: Scope, value: string): string {
  const colon = value.indexOf(':')
  if (colon <= 0 || colon > 32) return value
  const stand = scope.prefixes.get(value.slice(0, colon))
  return stand === undefined ? value : stand + value.slice(colon + 1)
}

function resolveName(scope: Scope, name: string, unprefixed: string): string {
  const colon = name.indexOf(':')
  if (colon < 0) return unprefixed + name
  if (colon === 0 || colon === name.length - 1 || name.includes(':', colon + 1)) {
    throw malformed('A name has a colon that does not separate a prefix.')
  }
  const stand = scope.prefixes.get(name.slice(0, colon))
  if (stand === undefined) throw malformed('A namespace prefix is not declared.')
  return stand + name.slice(colon + 1)
}

/**
 * The same text as V8 keeps the literals and keys of a program: names are then compared by their addresses, not letter by letter,
 * and every reader compares names all the time.
 */
function internalised(name: string): string {
  return Object.keys({ [name]: true })[0] ?? name
}

function standFor(prefix: string, uri: string): string {
  if (artsNamespaces.has(uri)) return ''
  // Our own prefix means our own namespace alone: it decides by which rules a transaction is read.
  const own = prefix === '' || prefix === dialectPrefix ? `?${prefix}` : prefix
  return `${vendorPrefixes.get(uri) ?? own}:`
}

function makeScope(prefixes: ReadonlyMap<string, string>): Scope {
  return { prefixes, elementNames: new Map(), recentNames: noNames(), attributeNames: new Map() }
}

function malformed(detail: string): Problem {
  return new Problem('xml-malformed', detail)
}

function noNames(): undefined[] {
  return new Array<undefined>(recentNamesCount).fill(undefined)
}
