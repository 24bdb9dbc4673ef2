import { createHmac, type KeyObject, randomInt, randomUUID, timingSafeEqual } from 'node:crypto'
import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import { isIdentifier } from '../domain/identifiers.ts'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import { type Client, findClient } from './clients.ts'
import { type PublicJwk, thumbprintOf } from './public-key.ts'
import * as sql from './queries.ts'

/** Without the letters and digits that people take for one another: 40 bits. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'
const codeLength = 8
export const codeLifeMs = 900_000
/** After so many wrong ones the right one is refused too. */
const wrongTriesMax = 5

export interface Till {
  /** The store, as receipts name it: `businessUnitId`. */
  store: string
  /** The till, as receipts name it: `workstationId`. */
  till: string
}

/** Makes the one-time code by which a till enrols; an open one of the same till ends. Its text is returned here and never again. */
export async function inviteTill(
  db: Pool,
  identityKey: KeyObject,
  { store, till, actor }: Till & { actor: string },
): Promise<{ code: string; expiresAt: Date }> {
  checkTill({ store, till })
  const code = Array.from({ length: codeLength }, () => letters[randomInt(letters.length)]).join('')
  const expiresAt = await withTransaction(db, async (client) => {
    const codeHash = hashCode(identityKey, { store, till }, code)
    const invitation = { codeId: randomUUID(), store, till, codeHash, keyThumbprint: null, lifeMs: codeLifeMs }
    const ends = await sql.replaceCode(client, invitation)
    await recordAct(client, { actor, act: 'till.invite', object: `till:${store}/${till}` })
    return ends
  })
  return { code: `${code.slice(0, 4)}-${code.slice(4)}`, expiresAt }
}

export interface Enrolment extends Till {
  /** As somebody typed it. */
  code: string
  /** Its owner has shown to own it. */
  publicKey: PublicJwk
}

/**
 * Registers a till by its key; the one that was enrolled in its place is revoked. Throws Problem `enrolment-code-invalid`, the same for a
 * wrong code, one that is over or used, and a till that nobody invited.
 */
export async function enrolTill(db: Pool, identityKey: KeyObject, enrolment: Enrolment): Promise<Client> {
  const { store, till, publicKey } = enrolment
  const clientId = await withTransaction(db, async (client) => {
    const open = isIdentifier(store) && isIdentifier(till) ? await sql.lockCode(client, store, till) : undefined
    if (!open?.code_hash || open.is_over || open.wrong_tries >= wrongTriesMax) return undefined
    if (!timingSafeEqual(open.code_hash, hashCode(identityKey, enrolment, enrolment.code))) {
      await sql.countWrongTry(client, open.code_id)
      return undefined
    }
    return registerTill(client, open, publicKey)
  })
  // Outside, so that the wrong try is counted for good.
  const enrolled = clientId === undefined ? undefined : await findClient(db, clientId)
  if (!enrolled) throw new Problem('enrolment-code-invalid')
  return enrolled
}

/** An invitation for a key that a manager has seen; an open one of the same till ends. The act is written by whoever approves. */
export async function inviteKey(
  client: ClientBase,
  { store, till, keyThumbprint }: Till & { keyThumbprint: string },
): Promise<{ invitationId: string }> {
  const codeId = randomUUID()
  await sql.replaceCode(client, { codeId, store, till, codeHash: null, keyThumbprint, lifeMs: codeLifeMs })
  return { invitationId: codeId }
}

/**
 * Registers a till by the key for which it was invited, once. Throws Problem `enrolment-code-invalid` for another key, and for an
 * invitation that is over, used or replaced.
 */
export async function enrolInvitedKey(db: Pool, invitationId: string, publicKey: PublicJwk): Promise<Client> {
  const clientId = await withTransaction(db, async (client) => {
    const open = await sql.lockCodeById(client, invitationId)
    const isGood = open && !open.is_over && open.key_thumbprint === thumbprintOf(publicKey)
    return isGood ? registerTill(client, open, publicKey) : undefined
  })
  const enrolled = clientId === undefined ? undefined : await findClient(db, clientId)
  if (!enrolled) throw new Problem('enrolment-code-invalid')
  return enrolled
}

/** Throws Problem `request-invalid`. */
export function checkTill({ store, till }: Till): void {
  if (!isIdentifier(store) || !isIdentifier(till))
    throw new Problem('request-invalid', 'Store and till must be identifiers, as receipts name them.')
}

async function registerTill(client: ClientBase, invitation: sql.CodeRow, publicKey: PublicJwk): Promise<string> {
  const { code_id, store_id: store, workstation_id: till } = invitation
  await sql.useCode(client, code_id)
  const before = await sql.revokeTillRow(client, store, till)
  const id = randomUUID()
  await sql.insertClient(client, {
    client_id: id,
    kind: 'till',
    name: `${store}/${till}`,
    jwks: { keys: [publicKey] },
    scopes: ['transactions:write'],
    stores: [store],
    workstation_id: till,
    binding: 'dpop',
  })
  const details = { store, till, ...(before && { replaces: before.client_id }) }
  await recordAct(client, { actor: `till:${id}`, act: 'till.enrol', object: `till:${id}`, details })
  return id
}

/** Of what somebody types: without hyphens and blanks, and with the letters meant that look like a digit. */
function hashCode(identityKey: KeyObject, { store, till }: Till, typed: string): Buffer {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replaceAll('O', '0').replace(/[IL]/g, '1')
  return createHmac('sha256', deriveKey(identityKey, 'enrolment codes')).update(`${store}\0${till}\0${code}`).digest()
}
