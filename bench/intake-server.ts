import { createSecretKey, randomUUID } from 'node:crypto'
import { systemClock } from '../src/contract/clock.ts'
import { silentLogger } from '../src/contract/logger.ts'
import { passiveTracer } from '../src/contract/tracer.ts'
import { createPool } from '../src/database/pool.ts'
import type { StoreProfile } from '../src/domain/store.ts'
import { clientCaller } from '../src/http/auth/caller.ts'
import { createHttpServer } from '../src/http/server.ts'
import { createIntake } from '../src/intake/create-intake.ts'
import { createPostgresIntakeStore } from '../src/intake/postgres-store.ts'
import type { IntakeStore } from '../src/intake/record.ts'
import { intakeStoreWithTraces, intakeWithTraces } from '../src/intake/with-traces.ts'
import { startExport } from '../src/observability/otlp/start-export.ts'
import { openVault } from '../src/privacy/encryption/open-vault.ts'
import { tillflow } from '../src/sources/tillflow/source.ts'
import { createOneTransactionStore } from './baselines/one-transaction.ts'
import { unprotectedVault } from './baselines/unprotected-vault.ts'

/**
 * One server of the intake benchmark, in a process of its own. Mode `group`: as shipped. `single`: one transaction for each
 * request, ten at a time. `memory`: the same server, with everything but the database. `traced`: as shipped, a tenth of the
 * traces recorded and sent to a collector. `unprotected`: nothing is encrypted.
 */
const [mode = '', url = '', masterKey = '', collectorUrl = ''] = process.argv.slice(2)

const profile: StoreProfile = {
  businessUnitId: '101',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  businessDayStartsAt: '04:00',
  numbersRestartDaily: false,
  taxRounding: 'TOTAL',
}
const pool = createPool({ url, sizeMax: 10, applicationName: 'bench', logger: silentLogger })
const vault = await openVault({ pool, masterKey: createSecretKey(masterKey, 'hex'), logger: silentLogger })
const postgres = createPostgresIntakeStore(pool, mode === 'unprotected' ? unprotectedVault(vault) : vault)

/** Seals like the real one and then forgets: what is left is the cost of everything but the database. */
const memory: IntakeStore = {
  ...postgres,
  insertReceipts: async (receipts) => {
    await vault.sealAll(receipts.map((receipt) => ({ plain: receipt.bytes, associatedData: receipt.transactionId })))
    const at = new Date().toISOString()
    return new Map(receipts.map((receipt) => [receipt.transactionId, at]))
  },
}

const stores: Record<string, IntakeStore> = { memory, single: createOneTransactionStore(pool, vault, postgres) }

const { tracer } =
  mode === 'traced'
    ? startExport({
        traces: true,
        metrics: false,
        tracesUrl: `${collectorUrl}/v1/traces`,
        headers: {},
        sampledRatio: 0.1,
        queueSpansMax: 8_192,
        metricsIntervalMs: 60_000,
        version: 'bench',
        logger: silentLogger,
      })
    : { tracer: passiveTracer }

const recording = createIntake({
  store: intakeStoreWithTraces(stores[mode] ?? postgres, tracer),
  clock: systemClock,
  profileOf: () => profile,
  groupSizeMax: mode === 'single' ? 1 : 256,
  groupsInFlightMax: mode === 'single' ? 10 : 2,
  queueMax: 100_000,
})
const caller = clientCaller({ id: randomUUID(), actor: 'bench', scopes: ['transactions:write'] })
const mebibyte = 1_048_576
const server = createHttpServer({
  intake: intakeWithTraces(recording, tracer),
  tracer,
  sources: [tillflow],
  readContext: { store: () => profile },
  authenticate: [async () => caller],
  limits: {
    requestTimeoutMs: 60_000,
    requestBodyMaxBytes: mebibyte,
    batchBodyMaxBytes: 256 * mebibyte,
    batchLinesMax: 1_000_000,
    sourceBodyMaxBytes: 256 * mebibyte,
  },
  logger: silentLogger,
  health: { ready: async () => ({ ready: true, checks: {} }) },
})
const address = await server.listen({ host: '127.0.0.1', port: 0 })
process.send?.({ address })
process.once('disconnect', () => process.exit(0))
