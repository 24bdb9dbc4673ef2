/** One place where two payloads are not the same. */
export interface Change {
  /** JSON Pointer; empty: the whole. */
  path: string
  before?: unknown
  after?: unknown
}

export const changesMax = 50

/** Where two payloads differ, at most `changesMax` places. Payloads that are text are compared as JSON where they are JSON. */
export function findChanges(before: unknown, after: unknown): Change[] {
  const changes: Change[] = []
  collect(parsed(before), parsed(after), '', changes)
  return changes
}

function collect(before: unknown, after: unknown, path: string, changes: Change[]): void {
  if (changes.length >= changesMax || Object.is(before, after)) return
  if (!isContainer(before) || !isContainer(after) || Array.isArray(before) !== Array.isArray(after)) {
    changes.push({ path, ...(before !== undefined && { before }), ...(after !== undefined && { after }) })
    return
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)])
  for (const name of names) {
    const place = `${path}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`
    collect(before[name], after[name], place, changes)
  }
}

function isContainer(value: unknown): value is Record<string, unknown> {
  return value !== null && typeof value === 'object'
}

function parsed(payload: unknown): unknown {
  // As it would be on the line: fields that are undefined are not there.
  if (typeof payload !== 'string') return payload === undefined ? undefined : JSON.parse(JSON.stringify(payload))
  try {
    return JSON.parse(payload)
  } catch {
    return payload
  }
}
