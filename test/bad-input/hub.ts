import { createSecretKey, randomBytes } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { expect } from 'vitest'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import type { ConnectedAccount } from '../../src/contract/source.ts'
import { apiTokens } from '../../src/http/auth/api-tokens.ts'
import type { Authenticate } from '../../src/http/auth/authorize.ts'
import { createToken, createTokenStore } from '../../src/http/auth/token-store.ts'
import type { HttpWalls, TargetsDeps } from '../../src/http/deps.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { createIntake } from '../../src/intake/create-intake.ts'
import { createPostgresIntakeStore } from '../../src/intake/postgres-store.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import { sources } from '../../src/sources/index.ts'
import { testStore } from '../../src/testing/receipts.ts'
import { watchAnswers } from '../declared-answers.ts'

/** Every answer is held to the API document; `close` fails where one was not declared. */
export interface TestHub {
  server: FastifyInstance
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
  } = {},
): Promise<TestHub> {
  const vault = await openVault({ pool, masterKey: createSecretKey(randomBytes(32)), logger: silentLogger })
  const profileOf = () => testStore
  const startedAtMs = Date.now()
  const intake = createIntake({
    store: createPostgresIntakeStore(pool, vault),
    clock: { ...systemClock, now: () => Date.parse('2026-03-02T12:00:00Z') + Date.now() - startedAtMs },
    profileOf,
    groupSizeMax: 64,
    groupsInFlightMax: 2,
    queueMax: 1_000,
    ...(options.answerWithinMs !== undefined && { answerWithinMs: options.answerWithinMs }),
  })
  const server = createHttpServer({
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
    },
    logger: silentLogger,
    ...(options.walls && { walls: options.walls }),
    ...(options.targets && { targets: options.targets }),
    health: { ready: async () => ({ ready: true, checks: { database: 'ok' } }) },
  })
  const answers = await watchAnswers(server)
  const all = await createToken(pool, { name: 'all', scopes: ['transactions:write'] })
  const one = await createToken(pool, { name: 'store 9', stores: ['9'], scopes: ['transactions:write'] })
  return {
    server,
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
