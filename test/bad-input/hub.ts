import { createSecretKey, randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { expect } from 'vitest'
import { type Clock, systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import type { ConnectedAccount } from '../../src/contract/source.ts'
import type { FileLimits } from '../../src/files/receive-file.ts'
import { apiTokens } from '../../src/http/auth/api-tokens.ts'
import type { Authenticate } from '../../src/http/auth/authorize.ts'
import { createToken, createTokenStore } from '../../src/http/auth/token-store.ts'
import type { HttpDeps, HttpWalls, TargetsDeps } from '../../src/http/deps.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createIntake } from '../../src/intake/create-intake.ts'
import { createPostgresIntakeStore } from '../../src/intake/postgres-store.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import type { Vault } from '../../src/privacy/encryption/vault.ts'
import { sources } from '../../src/sources/index.ts'
import { testStore } from '../../src/testing/receipts.ts'
import { watchAnswers } from '../declared-answers.ts'

/** Every answer is held to the API document; `close` fails where one was not declared. */
export interface TestHub {
  server: FastifyInstance
  /** What the server was made of. */
  deps: HttpDeps
  vault: Vault
  /** May speak for every store. */
  token: string
  /** May speak for store 9 only. */
  storeToken: string
  close(): Promise<void>
}

/** The API on a real database, with small limits so that they can be reached. */
export async function startTestHub(
  pool: Pool,
  options: {
    accounts?: readonly ConnectedAccount[]
    targets?: TargetsDeps
    walls?: HttpWalls
    /** Ways of coming in that are tried before tokens. */
    authenticate?: readonly Authenticate[]
    answerWithinMs?: number
    /** Whole files may be uploaded, within these limits. */
    files?: FileLimits
    limits?: Partial<HttpDeps['limits']>
    /** Default: a clock of the day of the receipts. */
    clock?: Clock
  } = {},
): Promise<TestHub> {
  const vault = await openVault({ pool, masterKey: createSecretKey(randomBytes(32)), logger: silentLogger })
  const profileOf = () => testStore
  const startedAtMs = Date.now()
  const intake = createIntake({
    store: createPostgresIntakeStore(pool, vault),
    clock: options.clock ?? {
      ...systemClock,
      now: () => Date.parse('2026-03-02T12:00:00Z') + Date.now() - startedAtMs,
    },
    profileOf,
    groupSizeMax: 64,
    groupsInFlightMax: 2,
    queueMax: 1_000,
    ...(options.answerWithinMs !== undefined && { answerWithinMs: options.answerWithinMs }),
  })
  const deps: HttpDeps = {
    intake,
    sources,
    readContext: { store: profileOf },
    accounts: options.accounts ?? [],
    authenticate: [...(options.authenticate ?? []), apiTokens(createTokenStore(pool, systemClock))],
    limits: {
      requestTimeoutMs: 500,
      requestBodyMaxBytes: 65_536,
      batchBodyMaxBytes: 262_144,
      batchLinesMax: 20,
      sourceBodyMaxBytes: 262_144,
      ...options.limits,
    },
    logger: silentLogger,
    ...(options.walls && { walls: options.walls }),
    ...(options.targets && { targets: options.targets }),
    ...(options.files && { files: { db: pool, vault, limits: options.files } }),
    health: { ready: async () => ({ ready: true, checks: { database: 'ok' } }) },
  }
  const server = createHttpServer(deps)
  const answers = await watchAnswers(server)
  const all = await createToken(pool, { name: 'all', scopes: ['transactions:write'] })
  const one = await createToken(pool, { name: 'store 9', stores: ['9'], scopes: ['transactions:write'] })
  return {
    server,
    deps,
    vault,
    token: all.token,
    storeToken: one.token,
    close: async () => {
      await server.close()
      await intake.close()
      expect(answers.complaints, 'what the API document does not declare').toEqual([])
      expect(answers.seen).toBeGreaterThan(0)
    },
  }
}
