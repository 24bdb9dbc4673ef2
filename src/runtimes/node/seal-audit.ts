import { join } from 'node:path'
import type { Pool } from 'pg'
import { countUnsealed, readChainEnd } from '../../audit/seal/seal.ts'
import { type SealWhenDue, sealWhenDue } from '../../audit/seal/seal-when-due.ts'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { isProblem } from '../../contract/problem.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { loadMasterKey } from '../../privacy/encryption/master-key.ts'
import { openInstallation } from '../../privacy/encryption/open-vault.ts'
import { referencesUnder } from '../../privacy/references.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { masterKeyOf } from './master-key-file.ts'
import { type Repeated, repeat } from './repeat.ts'

const lookEveryMs = 1_000
/** After a failure, which seldom ends by itself. */
const failedMs = 10_000
/** Between two checkpoints of a backlog, so that receipts go first. */
const pauseMs = 20
const countedMax = 100_000

export function checkpointFileOf(settings: Settings): string {
  return settings.auditCheckpointFile || join(settings.dataDirectory, 'audit-checkpoints.log')
}

/** What seals need of an installation. Throws Problem `settings-invalid` for another master key than that of the database. */
export async function sealingOf(settings: Settings, pool: Pool): Promise<SealWhenDue> {
  const keys = await openInstallation(pool, await loadMasterKey(masterKeyOf(settings)))
  return {
    auditKey: keys.audit,
    refer: referencesUnder(keys.references),
    clock: systemClock,
    entriesMax: settings.auditSealEntriesMax,
    everyMs: settings.auditSealEveryMs,
    file: checkpointFileOf(settings),
  }
}

/** Seals in the background what was recorded. Several hubs may do it at once: one at a time is at it, each keeps its own file. */
export async function startSealing(options: {
  pool: Pool
  settings: Settings
  logger: Logger
  metrics: Metrics
}): Promise<Repeated> {
  const { pool, settings, metrics } = options
  const logger = options.logger.child({ part: 'audit' })
  const sealing = await sealingOf(settings, pool)
  observeSeals(metrics, pool)
  return repeat(async () => {
    try {
      const sealed = await sealWhenDue(pool, sealing)
      return sealed >= sealing.entriesMax ? pauseMs : lookEveryMs
    } catch (error) {
      metrics.count('auditSealFailures', { code: isProblem(error) ? error.code : 'internal-error' })
      logger.warn({ error: String(error) }, 'what was recorded could not be sealed')
      return failedMs
    }
  })
}

function observeSeals(metrics: Metrics, pool: Pool): void {
  const read = async () => {
    const end = await readChainEnd(pool)
    const { count, oldestAt } = await countUnsealed(pool, end.reach, countedMax)
    return { count, since: end.at === undefined ? oldestAt?.getTime() : Date.parse(end.at) }
  }
  metrics.observe('auditUnsealed', async () => [{ value: (await read()).count }])
  metrics.observe('auditLastSealedAge', async () => {
    const { count, since = Date.now() } = await read()
    return [{ value: count === 0 ? 0 : Math.max(0, (Date.now() - since) / 1_000) }]
  })
}
