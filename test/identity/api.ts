import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { Pool as Database } from 'pg'
import { Pool } from 'undici'
import { silentLogger } from '../../src/contract/logger.ts'
import { createMetrics } from '../../src/observability/metrics.ts'
import { openInstallation } from '../../src/privacy/encryption/open-vault.ts'
import { startApi } from '../../src/runtimes/node/start-hub.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import { sources } from '../../src/sources/index.ts'
import { watchAnswers } from '../declared-answers.ts'

/** The API as a hub runs it, over a database of the test. */
export interface TestApi {
  server: FastifyInstance
  address: string
  pool: Pool
  identityKey: KeyObject
  /** Answers that the API document does not declare. */
  complaints(): unknown[]
  close(): Promise<void>
}

export async function startTestApi(
  database: { pool: Database; url: string },
  overrides: Record<string, unknown> = {},
  masterKey = randomBytes(32),
): Promise<TestApi> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'tillflow-identity-'))
  const { settings } = loadSettings({
    environment: { TILLFLOW_SETTINGS_FILE: undefined },
    overrides: { identityPollMs: 100, dataDirectory, ...overrides, masterKey: masterKey.toString('hex') },
  })
  const options = { settings, connectors: [], sources, logger: silentLogger, metrics: createMetrics(), program: [] }
  const api = await startApi(options, { ...database, close: async () => {} }, () => {})
  const answers = await watchAnswers(api.server)
  const address = await api.server.listen({ host: '127.0.0.1', port: 0 })
  const pool = new Pool(address)
  return {
    server: api.server,
    address,
    pool,
    identityKey: (await openInstallation(database.pool, createSecretKey(masterKey))).identity,
    complaints: () => answers.complaints,
    close: async () => {
      await pool.destroy()
      await api.server.close()
      await api.bus.stop()
      await api.files.stop()
      await api.intake.close()
      await rm(dataDirectory, { recursive: true, force: true })
    },
  }
}
