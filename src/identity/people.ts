import { createHmac, type KeyObject, randomUUID } from 'node:crypto'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import { openBytes, sealBytes } from '../privacy/encryption/sealed-bytes.ts'
import * as sql from './people-queries.ts'

/** Somebody as their provider names them. */
export interface PersonIdentity {
  issuer: string
  subject: string
  name?: string
  email?: string
}

/** Keeps who somebody is, sealed; resolves with the id by which acts name them, the same each time. `accountId`: of the hub's own. */
export async function rememberPerson(
  db: sql.Queryable,
  identityKey: KeyObject,
  identity: PersonIdentity,
  accountId?: string,
): Promise<string> {
  const subjectHash = hashSubject(identityKey, identity)
  const sealed = sealBytes(sealKeyOf(identityKey), Buffer.from(JSON.stringify(identity)), placeOf(subjectHash))
  return sql.upsertPerson(db, { personId: randomUUID(), subjectHash, sealed, accountId: accountId ?? null })
}

/** By which somebody is known again. */
export function hashSubject(
  identityKey: KeyObject,
  { issuer, subject }: Pick<PersonIdentity, 'issuer' | 'subject'>,
): Buffer {
  return createHmac('sha256', deriveKey(identityKey, 'people subjects')).update(`${issuer}\0${subject}`).digest()
}

export function openPerson(identityKey: KeyObject, subjectHash: Buffer, sealed: Buffer): PersonIdentity {
  return JSON.parse(openBytes(sealKeyOf(identityKey), sealed, placeOf(subjectHash)).toString()) as PersonIdentity
}

function sealKeyOf(identityKey: KeyObject): KeyObject {
  return deriveKey(identityKey, 'people')
}

const placeOf = (subjectHash: Buffer) => `person/${subjectHash.toString('hex')}`
