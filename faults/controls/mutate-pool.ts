import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool } from 'pg'

/** A clause of one statement of the hub, and what stands in its place. */
export interface ChangedClause {
  /** Occurs in no other statement. */
  clause: string
  replacement: string
}

/** What a query is called with, as far as the hub does. */
type QueryConfig = { text: string; name?: string; values?: unknown[] }
export type Query = (config: QueryConfig) => Promise<unknown>

/** Sees every query of a pool before it goes, and may do something else. */
export type QueryFilter = (config: QueryConfig, query: Query) => Promise<unknown>

/** The same pool with a filter before `query`. Clients that are taken out of it are as they were. */
export function filterPool(pool: Pool, filter: QueryFilter): Pool {
  const query = pool.query.bind(pool) as unknown as Query
  const filtered = (config: string | QueryConfig, values?: unknown[]) =>
    filter(typeof config === 'string' ? { text: config, ...(values && { values }) } : { ...config }, query)
  return new Proxy(pool, {
    get: (target, property) => {
      if (property === 'query') return filtered
      const value: unknown = Reflect.get(target, property)
      return typeof value === 'function' ? value.bind(target) : value
    },
  })
}

/** Where the statements are that controls change. */
const statementFiles = ['intake', 'journal', 'delivery'].map((room) =>
  join(import.meta.dirname, '../../src', room, 'queries.ts'),
)

/** `text` with a clause replaced. Throws when it has no such clause: a control that changes nothing would prove nothing. */
export function replaceClause(text: string, { clause, replacement }: ChangedClause): string {
  if (!text.includes(clause)) throw new Error(`no statement of the hub says ${JSON.stringify(clause)} any more`)
  return text.replace(clause, () => replacement)
}

/**
 * The same pool with one clause of one statement changed: everything else of the hub stays what it is. Throws at once when the
 * hub has no such clause.
 */
export function changeClauses(pool: Pool, changes: readonly ChangedClause[]): Pool {
  const statements = statementFiles.map((path) => readFileSync(path, 'utf8')).join('')
  for (const change of changes) replaceClause(statements, change)
  return filterPool(pool, (config, query) => {
    let { text } = config
    for (const { clause, replacement } of changes) text = text.replace(clause, () => replacement)
    if (text === config.text) return query(config)
    // Without its name: a session may have prepared the right one under it.
    const { name: _, ...unnamed } = config
    return query({ ...unnamed, text })
  })
}
