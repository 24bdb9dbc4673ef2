/** What the gate understands of JSON Schema (draft-07). Any other keyword that differs is named as not comparable. */
export interface JsonSchema {
  $ref?: string
  definitions?: Record<string, JsonSchema>
  type?: string | string[]
  const?: unknown
  enum?: unknown[]
  properties?: Record<string, JsonSchema>
  required?: string[]
  additionalProperties?: boolean | JsonSchema
  items?: JsonSchema
  anyOf?: JsonSchema[]
  oneOf?: JsonSchema[]
  discriminator?: { propertyName: string }
  [keyword: string]: unknown
}

/** A schema with the definitions that its references name. */
export class SchemaRoot {
  readonly schema: JsonSchema
  readonly #definitions: Record<string, JsonSchema>

  constructor(schema: JsonSchema) {
    this.schema = schema
    this.#definitions = schema.definitions ?? {}
  }

  /** The schema that a reference stands for; the same object each time. Throws for a reference that leads nowhere. */
  resolve(schema: JsonSchema): JsonSchema {
    let current = schema
    for (let hops = 0; current.$ref !== undefined; hops += 1) {
      const name = decodeURIComponent(current.$ref.replace('#/definitions/', ''))
      const next = this.#definitions[name]
      if (!next || hops > 32) throw new RangeError(`a reference leads nowhere: ${current.$ref}`)
      current = next
    }
    return current
  }
}

/** What readers are told; it changes nothing that a machine does. */
const annotations = new Set(['description', 'title', 'examples', '$comment', 'default', 'deprecated', 'definitions'])

/** The same text for the same meaning: keys in order, annotations left out. */
export function meaningOf(value: unknown): string {
  return JSON.stringify(value, (key, member: unknown) => {
    // A field may have the name of an annotation; its schema is an object.
    if (annotations.has(key) && (typeof member !== 'object' || Array.isArray(member))) return undefined
    if (typeof member !== 'object' || member === null || Array.isArray(member)) return member
    return Object.fromEntries(Object.entries(member).sort(([left], [right]) => (left < right ? -1 : 1)))
  })
}

export function isAnnotation(keyword: string): boolean {
  return annotations.has(keyword)
}

/** Words as somebody reads them in one line. */
export function inWords(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value)
}
