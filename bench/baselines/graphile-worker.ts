import { Logger, makeWorkerUtils, run } from 'graphile-worker'
import type { Pool } from 'pg'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'

const quiet = new Logger(() => () => {})

/**
 * The queue that one would take instead: graphile-worker with its fast settings (local queue, batched completion), no order,
 * a task that does nothing. Jobs per second.
 */
export async function drainGraphileWorker(url: string, pool: Pool, receipts: readonly Transaction[]): Promise<number> {
  const tools = await makeWorkerUtils({ connectionString: url, logger: quiet })
  await tools.migrate()
  await pool.query('truncate graphile_worker._private_jobs')
  for (let from = 0; from < receipts.length; from += 1_000) {
    const jobs = receipts
      .slice(from, from + 1_000)
      .map((transaction) => ({ identifier: 'deliver', payload: { transaction, findings: [] } }))
    await tools.addJobs(jobs)
  }
  await tools.release()
  await pool.query('vacuum analyze graphile_worker._private_jobs')
  let done = 0
  const { promise: drained, resolve } = Promise.withResolvers<void>()
  const startedAt = performance.now()
  const runner = await run({
    connectionString: url,
    logger: quiet,
    noHandleSignals: true,
    concurrency: 32,
    maxPoolSize: 10,
    preset: { worker: { localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
    taskList: {
      deliver: async () => {
        done += 1
        if (done === receipts.length) resolve()
      },
    },
  })
  await drained
  // The last completions are still being written; a drained queue has none left.
  for (;;) {
    const { rows } = await pool.query<{ n: string }>('select count(*) as n from graphile_worker._private_jobs')
    if (rows[0]?.n === '0') break
    await new Promise((wait) => setTimeout(wait, 5))
  }
  const perSecond = receipts.length / ((performance.now() - startedAt) / 1_000)
  await runner.stop()
  return perSecond
}
