import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { Pool } from 'pg'
import type { Clock } from '../../contract/clock.ts'
import { Problem } from '../../contract/problem.ts'
import { type Caller, senderOf } from './caller.ts'
import { actsOnEveryStore, type Scope } from './scopes.ts'
import { makeToken, parseToken } from './token-text.ts'

export interface TokenStore {
  /** The caller of a bearer token, or undefined when it is unknown, expired or revoked (within 30 s). */
  authenticate(bearer: string): Promise<Caller | undefined>
}

interface TokenRow {
  token_id: string
  secret_hash: Buffer
  stores: string[] | null
  scopes: string[]
  expires_at: Date | null
}

interface Cached {
  tokenId: string
  secretHash: Buffer
  caller: Caller
  expiresAtMs: number
  staleAtMs: number
}

/** A look-up is remembered so long; a revoked token is refused by then. */
const rememberedMs = 30_000
const rememberedMax = 10_000
const lastUsedEveryMs = 60_000

/** Tokens in PostgreSQL, with a memory so that a busy till costs no query. */
export function createTokenStore(pool: Pool, clock: Clock): TokenStore {
  const remembered = new Map<string, Cached>()
  const usedAtMs = new Map<string, number>()

  const look = async (prefix: string): Promise<Cached | undefined> => {
    const { rows } = await pool.query<TokenRow>(
      'select token_id, secret_hash, stores, scopes, expires_at from api_tokens where prefix = $1 and revoked_at is null',
      [prefix],
    )
    const [row] = rows
    if (!row) return undefined
    return {
      secretHash: row.secret_hash,
      tokenId: row.token_id,
      caller: {
        ...senderOf(row.token_id, row.stores),
        actor: `token:${row.token_id}`,
        scopes: new Set(row.scopes),
      },
      expiresAtMs: row.expires_at?.getTime() ?? Number.POSITIVE_INFINITY,
      staleAtMs: clock.now() + rememberedMs,
    }
  }
  const noteUse = (tokenId: string, nowMs: number) => {
    if (nowMs - (usedAtMs.get(tokenId) ?? Number.NEGATIVE_INFINITY) < lastUsedEveryMs) return
    if (usedAtMs.size >= rememberedMax) usedAtMs.clear()
    usedAtMs.set(tokenId, nowMs)
    // Not worth a request: the next use notes it again.
    pool.query('update api_tokens set last_used_at = now() where token_id = $1', [tokenId]).catch(() => {})
  }

  return {
    authenticate: async (bearer) => {
      const token = parseToken(bearer)
      if (!token) return undefined
      const nowMs = clock.now()
      let known = remembered.get(token.prefix)
      if (!known || known.staleAtMs <= nowMs) {
        known = await look(token.prefix)
        if (!known) {
          remembered.delete(token.prefix)
          return undefined
        }
        if (remembered.size >= rememberedMax) remembered.clear()
        remembered.set(token.prefix, known)
      }
      if (known.expiresAtMs <= nowMs || !timingSafeEqual(known.secretHash, token.secretHash)) return undefined
      noteUse(known.tokenId, nowMs)
      return known.caller
    },
  }
}

export interface NewToken {
  name: string
  /** Undefined: every store. */
  stores?: readonly string[]
  scopes: readonly Scope[]
  expiresAt?: Date
}

/** Makes a token. Its text is returned here and never again. Throws `Problem` `settings-invalid`. */
export async function createToken(pool: Pool, token: NewToken): Promise<{ tokenId: string; token: string }> {
  if (token.stores && token.scopes.some(actsOnEveryStore)) {
    const detail =
      "Only transactions:write can be limited to stores: make a token of its own for other scopes, with --stores '*'."
    throw new Problem('settings-invalid', detail)
  }
  const made = makeToken()
  const tokenId = randomUUID()
  await pool.query(
    `insert into api_tokens (token_id, prefix, secret_hash, name, stores, scopes, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [tokenId, made.prefix, made.secretHash, token.name, token.stores ?? null, token.scopes, token.expiresAt ?? null],
  )
  return { tokenId, token: made.text }
}

export interface ListedToken {
  tokenId: string
  prefix: string
  name: string
  stores: string[] | '*'
  scopes: string[]
  createdAt: Date
  expiresAt: Date | null
  lastUsedAt: Date | null
  revokedAt: Date | null
}

export async function listTokens(pool: Pool): Promise<ListedToken[]> {
  const { rows } = await pool.query<Omit<ListedToken, 'stores'> & { stores: string[] | null }>(
    `select token_id as "tokenId", prefix, name, stores, scopes, created_at as "createdAt", expires_at as "expiresAt",
       last_used_at as "lastUsedAt", revoked_at as "revokedAt" from api_tokens order by created_at`,
  )
  return rows.map((row) => ({ ...row, stores: row.stores ?? '*' }))
}

/** Revokes by id or prefix; false when there is no such token. */
export async function revokeToken(pool: Pool, idOrPrefix: string): Promise<boolean> {
  const { rowCount } = await pool.query(
    'update api_tokens set revoked_at = coalesce(revoked_at, now()) where token_id::text = $1 or prefix = $1',
    [idOrPrefix],
  )
  return rowCount === 1
}
