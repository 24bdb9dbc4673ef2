import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import type { Clock } from '../contract/clock.ts'
import type { Logger } from '../contract/logger.ts'
import { selectRevokedIds } from './queries.ts'
import { readSigningKeys, type SigningKey, signingKeyAt, tokenLifeMs } from './signing-keys.ts'

/** Whoever has read nothing for so long lets nobody in by a token: a revocation could have passed unseen. */
const trustedMs = 60_000
const retryMs = 1_000

/** What every process knows of keys and revocations without asking the database for each request. */
export interface KnownIdentity {
  /** Newest first. */
  keys(): readonly SigningKey[]
  /** The one that signs now. */
  signingKey(): SigningKey | undefined
  isRevoked(clientId: string): boolean
  /** Whether what is known is new enough to let somebody in by it. */
  isCurrent(): boolean
  stop(): Promise<void>
}

export interface KnownIdentityOptions {
  db: Pool
  identityKey: KeyObject
  clock: Clock
  logger: Logger
  /** A revocation and a new key are known everywhere after so long. */
  pollMs: number
}

/** Reads both now and every `pollMs`. Throws where they cannot be read now. */
export async function followIdentity(options: KnownIdentityOptions): Promise<KnownIdentity> {
  const { db, identityKey, clock, logger, pollMs } = options
  let keys: SigningKey[] = []
  let revoked = new Set<string>()
  let readAtMs = Number.NEGATIVE_INFINITY
  const read = async () => {
    const startedAtMs = clock.now()
    // Twice: the clocks of database and process differ a little.
    const [newKeys, ids] = await Promise.all([readSigningKeys(db, identityKey), selectRevokedIds(db, 2 * tokenLifeMs)])
    keys = newKeys
    revoked = new Set(ids)
    readAtMs = startedAtMs
  }
  await read()
  const stopped = new AbortController()
  const run = async () => {
    let waitMs = pollMs
    for (;;) {
      await clock.sleep(waitMs, stopped.signal)
      if (stopped.signal.aborted) return
      waitMs = await read().then(
        () => pollMs,
        (error: unknown) => {
          logger.warn({ error: String(error) }, 'keys and revocations could not be read')
          return Math.min(retryMs, pollMs)
        },
      )
    }
  }
  const running = run()
  return {
    keys: () => keys,
    signingKey: () => signingKeyAt(keys, clock.now()),
    isRevoked: (clientId) => revoked.has(clientId),
    isCurrent: () => clock.now() - readAtMs < trustedMs,
    stop: async () => {
      stopped.abort()
      await running
    },
  }
}
