import type { ClientBase } from 'pg'
import { emptyAccounts } from './local-account-queries.ts'
import * as sql from './people-queries.ts'

/**
 * Empties who people were who have no session and have not signed in since, the names of accounts that were disabled before, and why codes
 * for an emergency were made that are as old. Their ids stay, and somebody who comes back from a provider is the same again. Resolves with how many rows were emptied, `countMax` at most.
 */
export async function forgetPeople(db: ClientBase, before: Date, countMax: number): Promise<number> {
  const people = await sql.emptyPeople(db, before, countMax)
  const accounts = await emptyAccounts(db, before, countMax - people)
  return people + accounts + (await sql.emptyBreakGlass(db, before, countMax - people - accounts))
}
