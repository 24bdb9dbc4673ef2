import { createHmac, type KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import { openBytes, sealBytes } from '../privacy/encryption/sealed-bytes.ts'
import * as sql from './provider-queries.ts'
import type { Queryable } from './queries.ts'

/** What the authorization server keeps of one thing: a code, a session, a grant, an id that was used. */
export interface KeptState {
  [field: string]: unknown
  grantId?: string | undefined
  userCode?: string | undefined
  uid?: string | undefined
}

/** The memory of the authorization server for one kind of things, shared by all processes. */
export interface ProviderStore {
  /** False: it was there already, and `onlyOnce` was asked for. */
  put(id: string, state: KeptState, lifeSeconds: number | undefined, options?: { onlyOnce: boolean }): Promise<boolean>
  find(id: string): Promise<KeptState | undefined>
  findByUid(uid: string): Promise<KeptState | undefined>
  findByUserCode(code: string): Promise<KeptState | undefined>
  /** Notes that somebody asks what became of it. False: too often. */
  noteAsking(id: string): Promise<boolean>
  /** How many there are that were not used and do not end within these seconds. */
  countLivingLonger(seconds: number): Promise<number>
  /** Marks it as used, once for all processes: false where somebody else was first. */
  consume(id: string): Promise<boolean>
  destroy(id: string): Promise<void>
  revokeByGrantId(grantId: string): Promise<void>
}

/**
 * Ids are secrets of whoever holds them (codes, sessions), and contents name people: a copy of the table gives neither. Ids are
 * found by a keyed hash, contents are sealed to their place.
 */
export function createProviderStore(db: Queryable, identityKey: KeyObject, model: string): ProviderStore {
  const hashKey = deriveKey(identityKey, 'identity state ids')
  const sealKey = deriveKey(identityKey, 'identity state')
  const hash = (kind: string, text: string) => createHmac('sha256', hashKey).update(`${kind}\0${text}`).digest()
  const hashOrNull = (kind: string, text: string | undefined) => (text === undefined ? null : hash(kind, text))
  const placeOf = (idHash: Buffer) => `${model}/${idHash.toString('hex')}`
  const open = (row: sql.StateRow | undefined): KeptState | undefined => {
    if (!row) return undefined
    const state = JSON.parse(openBytes(sealKey, row.sealed, placeOf(row.id_hash)).toString()) as KeptState
    return row.consumed_at ? { ...state, consumed: Math.floor(row.consumed_at.getTime() / 1_000) } : state
  }
  return {
    put: (id, state, lifeSeconds, { onlyOnce } = { onlyOnce: false }) => {
      const idHash = hash('id', id)
      const row = {
        model,
        idHash,
        sealed: sealBytes(sealKey, Buffer.from(JSON.stringify(state)), placeOf(idHash)),
        grantHash: hashOrNull('grant', state.grantId),
        uidHash: hashOrNull('uid', state.uid),
        codeHash: hashOrNull('code', state.userCode),
        lifeSeconds: lifeSeconds ?? null,
      }
      return onlyOnce ? sql.insertState(db, row) : sql.upsertState(db, row)
    },
    find: async (id) => open(await sql.findState(db, model, 'id_hash', hash('id', id))),
    findByUid: async (uid) => open(await sql.findState(db, model, 'uid_hash', hash('uid', uid))),
    findByUserCode: async (code) => open(await sql.findState(db, model, 'code_hash', hash('code', code))),
    noteAsking: (id) => sql.noteAsking(db, model, hash('id', id)),
    countLivingLonger: (seconds) => sql.countUnused(db, model, seconds),
    consume: (id) => sql.consumeState(db, model, hash('id', id)),
    destroy: (id) => sql.deleteState(db, model, hash('id', id)),
    revokeByGrantId: (grantId) => sql.deleteGrant(db, model, hash('grant', grantId)),
  }
}

/** Deletes what has ended; resolves with how many rows went. */
export async function pruneProviderState(db: Pool, rowsMax: number): Promise<number> {
  return sql.deleteEnded(db, rowsMax)
}
