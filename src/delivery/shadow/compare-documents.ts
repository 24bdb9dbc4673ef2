/** A field that two translations of one event have otherwise. Absent on one side: undefined. */
export interface Difference {
  /** Path with `[]` for any place in a list, e.g. `lines[].amount`. */
  field: string
  live: string | undefined
  shadow: string | undefined
}

const differencesMax = 50
const depthMax = 32
const valueLengthMax = 200

/** Where two documents differ, field by field, at most 50; the order of an object's fields does not count, that of lists does. */
export function compareDocuments(live: unknown, shadow: unknown): Difference[] {
  const found: Difference[] = []
  walk(toPlain(live), toPlain(shadow), '', 0, found)
  return found
}

/** As it would be sent: dates are text, undefined fields are none. */
function toPlain(document: unknown): unknown {
  const text = JSON.stringify(document)
  return text === undefined ? undefined : (JSON.parse(text) as unknown)
}

function walk(live: unknown, shadow: unknown, path: string, depth: number, found: Difference[]): void {
  if (found.length >= differencesMax || live === shadow) return
  if (depth < depthMax && Array.isArray(live) && Array.isArray(shadow)) {
    if (live.length !== shadow.length) add(found, `${path}.length`, live.length, shadow.length)
    const places = Math.min(live.length, shadow.length)
    for (let place = 0; place < places; place += 1) walk(live[place], shadow[place], `${path}[]`, depth + 1, found)
    return
  }
  if (depth < depthMax && isObject(live) && isObject(shadow)) {
    for (const name of new Set([...Object.keys(live), ...Object.keys(shadow)])) {
      walk(live[name], shadow[name], path === '' ? name : `${path}.${name}`, depth + 1, found)
    }
    return
  }
  if (show(live) !== show(shadow)) add(found, path, live, shadow)
}

function add(found: Difference[], field: string, live: unknown, shadow: unknown): void {
  if (found.length < differencesMax)
    found.push({ field: field.slice(0, valueLengthMax), live: shorten(live), shadow: shorten(shadow) })
}

function show(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}

function shorten(value: unknown): string | undefined {
  return show(value)?.slice(0, valueLengthMax)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}
