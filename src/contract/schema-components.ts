/** A JSON Schema (draft-07) with definitions of its own. */
export interface DefinedSchema {
  $ref?: string
  definitions?: object
}

/**
 * The definitions of several schemas as one set of components: an API document has a single place for them. Throws where two
 * schemas mean different things by one name.
 */
export function gatherComponents(schemas: readonly DefinedSchema[]): Record<string, unknown> {
  const components: Record<string, unknown> = {}
  for (const [name, definition] of schemas.flatMap(({ definitions = {} }) => Object.entries(definitions))) {
    const component = pointToComponents(definition)
    if (Object.hasOwn(components, name) && JSON.stringify(components[name]) !== JSON.stringify(component))
      throw new RangeError(`two schemas mean different things by ${name}`)
    components[name] = component
  }
  return components
}

/** A reference to the component that a schema as a whole is. */
export function componentOf({ $ref = '' }: DefinedSchema): { $ref: string } {
  return { $ref: componentsPointer($ref) }
}

function pointToComponents(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(pointToComponents)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, member]) => [
    key,
    key === '$ref' && typeof member === 'string' ? componentsPointer(member) : pointToComponents(member),
  ])
  return Object.fromEntries(entries)
}

function componentsPointer(reference: string): string {
  return reference.replace('#/definitions/', '#/components/schemas/')
}
