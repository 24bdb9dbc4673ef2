import { childOf, childrenOf, type Element } from '../element.ts'
import { type Codec, text as textCodec } from './codecs.ts'

/** An object of the model, by field. The schema of the transaction checks what was read. */
export type Values = Record<string, unknown>

/** Where one or several fields stand: written and read by the same description, so that neither can forget the other. */
export interface Part {
  put(values: Values, turned: boolean): string
  take(element: Element, values: Values, turned: boolean): void
}

/** What an element holds. */
export interface Shape {
  attributes?: readonly Part[]
  text?: Part
  children?: readonly Part[]
}

export function putElement(name: string, shape: Shape, values: Values, turned: boolean): string {
  const attributes = putAll(shape.attributes, values, turned)
  const content = putAll(shape.children, values, turned) + (shape.text?.put(values, turned) ?? '')
  return content === '' ? `<${name}${attributes}/>` : `<${name}${attributes}>${content}</${name}>`
}

export function putAll(parts: readonly Part[] | undefined, values: Values, turned: boolean): string {
  if (parts === undefined) return ''
  let written = ''
  for (const part of parts) written += part.put(values, turned)
  return written
}

export function takeElement(shape: Shape, element: Element, values: Values, turned: boolean): void {
  if (shape.attributes) for (const part of shape.attributes) part.take(element, values, turned)
  if (shape.text) shape.text.take(element, values, turned)
  if (shape.children) for (const part of shape.children) part.take(element, values, turned)
}

/** A field as an attribute of the element. */
export function attribute(field: string, name: string, codec: Codec = textCodec): Part {
  return {
    put(values, turned) {
      const value = values[field]
      return value === undefined ? '' : ` ${name}="${codec.encode(value, turned)}"`
    },
    take(element, values, turned) {
      const given = element.attributes?.[name]
      if (given !== undefined) values[field] = codec.decode(given, turned)
    },
  }
}

/** A field as the text of the element; an element without text has no such field. */
export function content(field: string, codec: Codec = textCodec): Part {
  return {
    put(values, turned) {
      const value = values[field]
      return value === undefined ? '' : codec.encode(value, turned)
    },
    take(element, values, turned) {
      if (element.text !== '') values[field] = codec.decode(element.text, turned)
    },
  }
}

/** A field as a child element with text, which may be empty. */
export function leaf(field: string, name: string, codec: Codec = textCodec): Part {
  return {
    put(values, turned) {
      const value = values[field]
      return value === undefined ? '' : `<${name}>${codec.encode(value, turned)}</${name}>`
    },
    take(element, values, turned) {
      const child = childOf(element, name)
      if (child) values[field] = codec.decode(child.text, turned)
    },
  }
}

/** Several fields of the same object in a child element of their own; left out where none of them is there. */
export function group(name: string, shape: Shape): Part {
  const empty = `<${name}/>`
  return {
    put(values, turned) {
      const written = putElement(name, shape, values, turned)
      return written === empty ? '' : written
    },
    take(element, values, turned) {
      const child = childOf(element, name)
      if (child) takeElement(shape, child, values, turned)
    },
  }
}

/** An object as a child element. */
export function object(field: string, name: string, shape: Shape): Part {
  return {
    put(values, turned) {
      const value = values[field]
      return value === undefined ? '' : putElement(name, shape, value as Values, turned)
    },
    take(element, values, turned) {
      const child = childOf(element, name)
      if (child) values[field] = takeObject(shape, child, turned)
    },
  }
}

export function takeObject(shape: Shape, element: Element, turned: boolean): Values {
  const values: Values = {}
  takeElement(shape, element, values, turned)
  return values
}

/** A list of objects as repeated child elements. */
export function objects(field: string, name: string, shape: Shape): Part {
  return list(
    field,
    name,
    (value, turned) => putElement(name, shape, value as Values, turned),
    (child, turned) => takeObject(shape, child, turned),
  )
}

/** A list of texts as repeated child elements. */
export function texts(field: string, name: string): Part {
  return list(
    field,
    name,
    (value, turned) => `<${name}>${textCodec.encode(value, turned)}</${name}>`,
    (child, turned) => textCodec.decode(child.text, turned),
  )
}

const emptyName = 'tillflow:Empty'

/** A list without entries is not the same as none, and is named. */
function list(
  field: string,
  name: string,
  put: (value: unknown, turned: boolean) => string,
  take: (child: Element, turned: boolean) => unknown,
): Part {
  const empty = `<${emptyName}>${field}</${emptyName}>`
  return {
    put(values, turned) {
      const entries = values[field] as unknown[] | undefined
      if (entries === undefined) return ''
      if (entries.length === 0) return empty
      let written = ''
      for (const entry of entries) written += put(entry, turned)
      return written
    },
    take(element, values, turned) {
      const children = childrenOf(element, name)
      if (children.length > 0) values[field] = children.map((child) => take(child, turned))
      else if (childrenOf(element, emptyName).some((one) => one.text === field)) values[field] = []
    },
  }
}
