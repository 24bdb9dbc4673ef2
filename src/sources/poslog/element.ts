/**
 * A light XML element. ARTS names are plain (`Sale`), names of other namespaces carry a prefix (`acs:ItemCount`): a well-known
 * vendor's is always the same, whatever the document calls it.
 */
export interface Element {
  name: string
  attributes: Record<string, string> | undefined
  children: Element[]
  text: string
}

export function childOf(element: Element | undefined, name: string): Element | undefined {
  if (element === undefined) return undefined
  for (const child of element.children) if (child.name === name) return child
  return undefined
}

export function childrenOf(element: Element | undefined, name: string): Element[] {
  const found: Element[] = []
  if (element === undefined) return found
  for (const child of element.children) if (child.name === name) found.push(child)
  return found
}

/** The trimmed text of the first child of that name, undefined when there is none or it is empty. */
export function textOf(element: Element | undefined, name: string): string | undefined {
  return contentOf(childOf(element, name))
}

/** The trimmed text of an element, undefined when empty. */
export function contentOf(element: Element | undefined): string | undefined {
  const text = element?.text.trim()
  return text === '' ? undefined : text
}

/** The trimmed value of an attribute, undefined when empty. */
export function attributeOf(element: Element | undefined, name: string): string | undefined {
  const value = element?.attributes?.[name]?.trim()
  return value === '' ? undefined : value
}

/** As `attributeOf`, whatever namespace the attribute is in: vendors add the same attribute under their own prefixes. */
export function vendorAttributeOf(element: Element | undefined, localName: string): string | undefined {
  if (element?.attributes === undefined) return undefined
  for (const name of Object.keys(element.attributes)) {
    if (localPart(name) === localName) return attributeOf(element, name)
  }
  return undefined
}

/** The first descendant with this local name in any namespace; lines are not looked into. */
export function findVendorElement(element: Element, localName: string): Element | undefined {
  for (const child of element.children) {
    if (child.name === 'LineItem' || child.name === 'Total') continue
    if (localPart(child.name) === localName) return child
    const inner = findVendorElement(child, localName)
    if (inner) return inner
  }
  return undefined
}

/** What follows the prefix. */
export function localPart(name: string): string {
  return name.slice(name.indexOf(':') + 1)
}

/** Whether an XML boolean attribute says yes. */
export function flagOf(element: Element | undefined, name: string): boolean {
  const value = attributeOf(element, name)
  return value === 'true' || value === '1'
}
