import { createPrivateKey, createPublicKey, generateKeyPair, type KeyObject } from 'node:crypto'
import { promisify } from 'node:util'
import type { ClientBase, Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import { deriveKey } from '../privacy/encryption/master-key.ts'
import { openBytes, sealBytes } from '../privacy/encryption/sealed-bytes.ts'
import { type PublicJwk, thumbprintOf } from './public-key.ts'
import * as sql from './queries.ts'

/** A token lives so long. */
export const tokenLifeMs = 600_000
/** A key that another one has replaced is known for so long: twice the life of its last token. */
const keptMs = 2 * tokenLifeMs

/** A key that signs tokens, as processes know it. */
export interface SigningKey {
  kid: string
  publicJwk: PublicJwk
  publicKey: KeyObject
  /** JWK with its private part; only of keys that sign now or will. */
  privateJwk(): Record<string, unknown>
  /** Undefined: published, and not used yet. */
  activeFromMs?: number
}

/** The keys that may still matter, newest first: the one that signs, the next one, and those whose tokens have not ended. */
export async function readSigningKeys(db: Pool, identityKey: KeyObject): Promise<SigningKey[]> {
  const wrapping = wrappingKeyOf(identityKey)
  return (await sql.selectSigningKeys(db, keptMs)).map((row) => ({
    kid: row.kid,
    publicJwk: row.public_jwk,
    publicKey: createPublicKey({ key: row.public_jwk, format: 'jwk' }),
    privateJwk: () => openPrivate(wrapping, row),
    ...(row.active_from && { activeFromMs: row.active_from.getTime() }),
  }))
}

/** The key that signs at a moment: of those that may, the one that began last. */
export function signingKeyAt(keys: readonly SigningKey[], nowMs: number): SigningKey | undefined {
  const begun = keys.filter(({ activeFromMs = Number.POSITIVE_INFINITY }) => activeFromMs <= nowMs)
  return begun.toSorted((a, b) => (b.activeFromMs ?? 0) - (a.activeFromMs ?? 0))[0]
}

/** Makes what is missing of the two keys that there always are: one that signs and one that will. Processes may call it at once. */
export async function ensureSigningKeys(db: Pool, identityKey: KeyObject): Promise<void> {
  await withTransaction(db, async (client) => {
    await sql.lockSigningKeys(client)
    const keys = await sql.selectSigningKeys(client, keptMs)
    if (!keys.some(({ active_from }) => active_from)) await insertKey(client, identityKey, true)
    if (!keys.some(({ active_from }) => !active_from)) await insertKey(client, identityKey, false)
  })
}

export interface Rotation {
  kid: string
  activeFrom: Date
  /** Keys whose tokens are refused from now on. */
  withdrawn: string[]
}

export interface RotateOptions {
  actor: string
  reason?: string
  /** So long a key was published before it signs; every process reads keys more often. */
  publishedMs: number
  /** Tokens of all keys before are refused at once: somebody else may have one of them. */
  isCompromised: boolean
}

/** Lets the published key sign and publishes another one. Tokens that are out stay good, unless the keys are compromised. */
export async function rotateSigningKeys(db: Pool, identityKey: KeyObject, options: RotateOptions): Promise<Rotation> {
  await ensureSigningKeys(db, identityKey)
  return withTransaction(db, async (client) => {
    await sql.lockSigningKeys(client)
    return turnKeys(client, identityKey, options)
  })
}

/**
 * Rotates where the key that signs has done so for `everyMs`. Undefined: it has not, or there is none yet. Processes that look at once
 * rotate once.
 */
export async function rotateWhenDue(
  db: Pool,
  identityKey: KeyObject,
  { everyMs, ...options }: Pick<RotateOptions, 'actor' | 'publishedMs'> & { everyMs: number },
): Promise<Rotation | undefined> {
  return withTransaction(db, async (client) => {
    await sql.lockSigningKeys(client)
    if (!(await sql.isRotationDue(client, everyMs))) return undefined
    return turnKeys(client, identityKey, { ...options, reason: 'due', isCompromised: false })
  })
}

async function turnKeys(client: ClientBase, identityKey: KeyObject, options: RotateOptions): Promise<Rotation> {
  const { actor, reason, publishedMs, isCompromised } = options
  const next = await sql.activateNextKey(client, isCompromised ? 0 : publishedMs)
  if (!next) throw new Problem('internal-error', 'No key was published.')
  const withdrawn = isCompromised ? await sql.withdrawUsedKeys(client, next.kid) : []
  await insertKey(client, identityKey, false)
  await sql.forgetOldKeys(client, keptMs)
  await recordAct(client, {
    ...{ actor, act: 'key.rotate', object: `signing-key:${next.kid}` },
    ...(reason !== undefined && { reason }),
    details: { activeFrom: next.active_from.toISOString(), withdrawn },
  })
  return { kid: next.kid, activeFrom: next.active_from, withdrawn }
}

async function insertKey(db: sql.Queryable, identityKey: KeyObject, isActive: boolean): Promise<void> {
  const { privateKey, publicKey } = await promisify(generateKeyPair)('ec', { namedCurve: 'P-256' })
  const { x, y } = publicKey.export({ format: 'jwk' })
  const publicJwk: PublicJwk = { kty: 'EC', crv: 'P-256', x: String(x), y: String(y), alg: 'ES256', use: 'sig' }
  const kid = thumbprintOf(publicJwk)
  const plain = privateKey.export({ format: 'der', type: 'pkcs8' })
  const sealedPrivate = sealBytes(wrappingKeyOf(identityKey), plain, kid)
  await sql.insertSigningKey(db, { kid, publicJwk: { ...publicJwk, kid }, sealedPrivate, isActive })
}

function openPrivate(wrapping: KeyObject, { kid, sealed_private, public_jwk }: sql.SigningKeyRow) {
  if (!sealed_private) throw new Problem('sealed-data-destroyed', 'The private part of this key was forgotten.')
  const key = createPrivateKey({ key: openBytes(wrapping, sealed_private, kid), format: 'der', type: 'pkcs8' })
  return { ...key.export({ format: 'jwk' }), ...public_jwk }
}

function wrappingKeyOf(identityKey: KeyObject): KeyObject {
  return deriveKey(identityKey, 'signing keys')
}
