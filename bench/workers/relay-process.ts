import { randomUUID } from 'node:crypto'
import { findBusEngine } from '../../src/buses/index.ts'
import { systemClock, systemRandom } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { createPool } from '../../src/database/pool.ts'
import { readJournalId } from '../../src/journal/queries.ts'
import { createPostgresRelayStore } from '../../src/journal/relay/postgres-store.ts'
import { Relay } from '../../src/journal/relay/relay.ts'
import { loadMasterKey } from '../../src/privacy/encryption/master-key.ts'
import { createReferences } from '../../src/privacy/references.ts'
import { relayLimits } from '../relay.ts'
import type { WorkersPlan } from './plan.ts'

/** The relay of the benchmark, in a process of its own as in a hub. Polls shortly, as it has nobody to wake it. */
const { url, busUrl, topicPrefix } = JSON.parse(process.argv[2] ?? '{}') as WorkersPlan
const pool = createPool({ url, sizeMax: 3, applicationName: 'bench-relay', logger: silentLogger })
const bus = await findBusEngine('kafka')({
  url: busUrl,
  compression: 'none',
  clientName: 'bench',
  logger: silentLogger,
})
const refer = createReferences(await loadMasterKey({ masterKey: '22'.repeat(32), masterKeyFile: '' }))
const relay = new Relay(
  {
    store: createPostgresRelayStore(pool, topicPrefix),
    bus,
    message: { topicPrefix, eventSource: '/bench', journalId: await readJournalId(pool), refer },
    owner: randomUUID(),
    clock: systemClock,
    random: systemRandom,
    logger: silentLogger,
  },
  { ...relayLimits, pollMs: 100 },
)
const running = relay.run()
process.send?.({ kind: 'ready' })

// Whoever started it is gone.
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', async () => {
  relay.stop()
  await running
  await bus.close()
  await pool.end()
  process.exit(0)
})
