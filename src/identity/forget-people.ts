import type { ClientBase } from 'pg'
import * as sql from './people-queries.ts'

/**
 * Empties who people were who have no session and have not signed in since, and why codes for an emergency were made that are as old.
 * Their ids stay, and somebody who comes back is the same again. Resolves with how many rows were emptied, `countMax` at most.
 */
export async function forgetPeople(db: ClientBase, before: Date, countMax: number): Promise<number> {
  const people = await sql.emptyPeople(db, before, countMax)
  return people + (await sql.emptyBreakGlass(db, before, countMax - people))
}
