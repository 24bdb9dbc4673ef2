import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import { isIdentifier } from '../domain/identifiers.ts'
import { type PublicJwk, readJwkSet } from './public-key.ts'
import * as sql from './queries.ts'

/** What the tokens of a client are bound to: nothing, a key that signs each request (RFC 9449), a client certificate (RFC 8705). */
export type Binding = 'bearer' | 'dpop' | 'mtls'

/** A till or a machine that may come in by a key of its own. */
export interface Client {
  clientId: string
  kind: 'till' | 'machine'
  name: string
  jwks: { keys: PublicJwk[] }
  scopes: string[]
  /** Undefined: every store. */
  stores?: string[]
  /** Of a till. */
  workstationId?: string
  binding: Binding
  createdAt: Date
  revokedAt?: Date
}

export interface NewMachine {
  name: string
  /** A JWK Set or one JWK, as it was given. */
  jwks: unknown
  scopes: readonly string[]
  stores?: readonly string[]
  binding: Binding
  actor: string
}

const nameLengthMax = 200
const storesMax = 400
const listMax = 10_000
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Registers a machine by its public keys. Throws Problem `request-invalid`. */
export async function addMachine(db: Pool, machine: NewMachine): Promise<Client> {
  const { name, scopes, stores, binding, actor } = machine
  const jwks = readJwkSet(machine.jwks)
  if (name.length === 0 || name.length > nameLengthMax)
    throw new Problem('request-invalid', `A name has 1 to ${nameLengthMax} characters.`)
  // They stand in every token, and a token in every request.
  if (stores && stores.length > storesMax)
    throw new Problem('request-invalid', `A machine has at most ${storesMax} stores, or all of them.`)
  if (stores && !stores.every(isIdentifier)) throw new Problem('request-invalid', 'A store is not an identifier.')
  const clientId = randomUUID()
  await withTransaction(db, async (client) => {
    await sql.insertClient(client, {
      client_id: clientId,
      kind: 'machine',
      name,
      jwks,
      scopes: [...scopes],
      stores: stores ? [...stores] : null,
      workstation_id: null,
      binding,
    })
    const details = { name, scopes, stores: stores ?? '*', binding, keys: jwks.keys.length }
    await recordAct(client, { actor, act: 'machine.add', object: `machine:${clientId}`, details })
  })
  return found(await findClient(db, clientId))
}

/** One that may come in; undefined: there is none, or it was revoked. */
export async function findClient(db: sql.Queryable, clientId: string): Promise<Client | undefined> {
  if (!uuid.test(clientId)) return undefined
  const row = await sql.findClient(db, clientId)
  return row && clientOf(row)
}

/** Newest first, the revoked ones too. */
export async function listClients(db: Pool, kind: Client['kind']): Promise<Client[]> {
  return (await sql.selectClients(db, { kind, stores: undefined, before: undefined, limit: listMax })).map(clientOf)
}

/** A page of them: newest first, after the one of the id `before`, of tills those of some stores. */
export async function readClients(db: Pool, page: sql.ClientPage): Promise<Client[]> {
  return (await sql.selectClients(db, page)).map(clientOf)
}

export interface Revocation {
  actor: string
  reason?: string
  /** Undefined: a till or a machine. */
  kind?: Client['kind']
  /** Of tills: those of these stores only; undefined: of every store. */
  stores?: readonly string[] | undefined
}

/** Revokes by id. Throws Problem `not-found` where there is no such client, it is of another store, or it was revoked before. */
export async function revokeClient(
  db: Pool,
  clientId: string,
  { actor, reason, kind, stores }: Revocation,
): Promise<Client> {
  return withTransaction(db, async (client) => {
    const row = uuid.test(clientId) ? await sql.revokeClientRow(client, { clientId, kind, stores }) : undefined
    if (!row) throw new Problem('not-found', 'There is no such client, or it was revoked before.')
    const details = { name: row.name, stores: row.stores ?? '*' }
    await recordAct(client, {
      ...{ actor, act: `${row.kind}.revoke`, object: `${row.kind}:${clientId}`, details },
      ...(reason !== undefined && { reason }),
    })
    return clientOf(row)
  })
}

export function clientOf(row: sql.ClientRow): Client {
  return {
    clientId: row.client_id,
    kind: row.kind,
    name: row.name,
    jwks: row.jwks,
    scopes: row.scopes,
    ...(row.stores && { stores: row.stores }),
    ...(row.workstation_id !== null && { workstationId: row.workstation_id }),
    binding: row.binding,
    createdAt: row.created_at,
    ...(row.revoked_at && { revokedAt: row.revoked_at }),
  }
}

function found(client: Client | undefined): Client {
  if (!client) throw new Problem('not-found')
  return client
}
