import { Unreadable } from './unreadable.ts'

/** An object of a document, with every number as the text that stands there. */
export type Json = Readonly<Record<string, unknown>>

export function isObject(value: unknown): value is Json {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

export function objectAt(json: Json | undefined, name: string): Json | undefined {
  const value = json?.[name]
  return isObject(value) ? value : undefined
}

/** The objects of a list; what is none is left out, as Shopify sends none. */
export function objectsAt(json: Json | undefined, name: string): Json[] {
  const value = json?.[name]
  return Array.isArray(value) ? value.filter(isObject) : []
}

/** A text or a number, as text; empty ones are none. */
export function textAt(json: Json | undefined, name: string): string | undefined {
  const value = json?.[name]
  return typeof value === 'string' && value !== '' ? value : undefined
}

/** As `textAt`, cut to a length that the model takes. A letter of two halves is not cut in the middle. */
export function shortTextAt(json: Json | undefined, name: string, lengthMax = 128): string | undefined {
  const text = textAt(json, name)
  if (text === undefined || text.length <= lengthMax) return text
  return text.slice(0, lengthMax).replace(/[\uD800-\uDBFF]$/, '')
}

/** An id that may stand where the model takes identifiers only; anything else is none. */
export function idAt(json: Json | undefined, name: string): string | undefined {
  const text = textAt(json, name)
  return text !== undefined && /^[A-Za-z0-9._-]{1,64}$/.test(text) ? text : undefined
}

/** Throws `Unreadable` where there is no usable id: nothing without one is a fact. */
export function neededIdAt(json: Json, name: string): string {
  const id = idAt(json, name)
  if (id === undefined) throw new Unreadable('schema-violation', `There is no usable ${name}.`)
  return id
}
