import { randomUUID, timingSafeEqual } from 'node:crypto'
import type { Pool } from 'pg'
import { recordAct } from '../../audit/acts.ts'
import type { Clock } from '../../contract/clock.ts'
import { Problem } from '../../contract/problem.ts'
import { withTransaction } from '../../database/pool.ts'
import { type Caller, clientCaller } from './caller.ts'
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
      caller: clientCaller({
        id: row.token_id,
        actor: `token:${row.token_id}`,
        scopes: row.scopes,
        stores: row.stores,
      }),
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

/** Who acts on a token, and why: for the log of acts. */
export interface TokenAct {
  actor: string
  reason?: string
}

/** A program that uses these functions itself. */
const somebody: TokenAct = { actor: 'unnamed' }

/** Makes a token. Its text is returned here and never again. Throws `Problem` `settings-invalid`. */
export async function createToken(
  pool: Pool,
  token: NewToken,
  by: TokenAct = somebody,
): Promise<{ tokenId: string; token: string }> {
  if (token.stores && token.scopes.some(actsOnEveryStore)) {
    const detail =
      "Only transactions:write can be limited to stores: make a token of its own for other scopes, with --stores '*'."
    throw new Problem('settings-invalid', detail)
  }
  const made = makeToken()
  const tokenId = randomUUID()
  const { name, scopes, stores, expiresAt } = token
  await withTransaction(pool, async (client) => {
    await client.query(
      `insert into api_tokens (token_id, prefix, secret_hash, name, stores, scopes, expires_at) values ($1, $2, $3, $4, $5, $6, $7)`,
      [tokenId, made.prefix, made.secretHash, name, stores ?? null, scopes, expiresAt ?? null],
    )
    const after = { prefix: made.prefix, name, scopes, stores: stores ?? '*', expiresAt: expiresAt ?? null }
    await recordAct(client, { ...by, act: 'token.create', object: `token:${tokenId}`, after })
  })
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

/** Revokes by id or prefix; false when there is no such token. One that is revoked stays so, which is no act. */
export async function revokeToken(pool: Pool, idOrPrefix: string, by: TokenAct = somebody): Promise<boolean> {
  return withTransaction(pool, async (client) => {
    const { rows } = await client.query<{ token_id: string; prefix: string; revoked_at: Date | null }>(
      'select token_id, prefix, revoked_at from api_tokens where token_id::text = $1 or prefix = $1 for update',
      [idOrPrefix],
    )
    const [token] = rows
    if (!token || token.revoked_at) return token !== undefined
    const { rows: revoked } = await client.query<{ revoked_at: Date }>(
      'update api_tokens set revoked_at = now() where token_id = $1 returning revoked_at',
      [token.token_id],
    )
    await recordAct(client, {
      ...by,
      act: 'token.revoke',
      object: `token:${token.token_id}`,
      before: { prefix: token.prefix, revokedAt: null },
      after: { prefix: token.prefix, revokedAt: revoked[0]?.revoked_at },
    })
    return true
  })
}
