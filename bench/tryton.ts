import { tryton } from '../src/connectors/tryton/connector.ts'
import type { ConnectorContext, GuardedFetch } from '../src/contract/connector.ts'
import { silentLogger } from '../src/contract/logger.ts'
import { createGuardedFetch } from '../src/egress/guarded-fetch.ts'
import { rememberSteps } from '../src/testing/connector/context.ts'
import { makeEvent } from '../src/testing/connector/events.ts'
import { makeSale } from '../src/testing/receipts.ts'
import { openTryton } from '../test/peers/tryton/open-tryton.ts'
import { openBareTryton } from './baselines/bare-tryton.ts'
import { medianOfPairs } from './pairs.ts'
import type { BenchResult } from './result.ts'

/** Receipts of one measurement: Tryton works half a second or more on each. */
const receiptsCount = 5

/** The connector against the same calls written by hand, on a real Tryton. Throws where this machine cannot have one. */
export async function benchTryton(pairs = 7): Promise<BenchResult> {
  const opened = await openTryton()
  if (!opened) throw new Error('this machine cannot have Tryton: npm run services -- up tryton')
  const guarded = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 60_000 })
  try {
    let calls = 0
    const counted: GuardedFetch = (url, request) => {
      calls += 1
      return guarded(url, request)
    }
    const connection = tryton.connect({ ...opened.address }, { logger: silentLogger, allowPrivateNetwork: true })
    let number = 1
    const post = async () => {
      const outcome = await connection.postTransaction?.(makeEvent(makeSale(number++)), contextOf(counted))
      if (outcome?.kind !== 'delivered') throw new Error(`a receipt was not delivered: ${JSON.stringify(outcome)}`)
    }
    await post()
    calls = 0
    await post()
    const callsPerReceipt = calls
    const bare = await openBareTryton(opened.address, Number(opened.api.context.company))
    await bare(makeSale(number++))
    const speed = async (one: () => Promise<void>) => {
      const startedAt = performance.now()
      for (let receipt = 0; receipt < receiptsCount; receipt += 1) await one()
      return receiptsCount / ((performance.now() - startedAt) / 1_000)
    }
    const ratio = await medianOfPairs(
      'tryton',
      pairs,
      () => speed(post),
      () => speed(() => bare(makeSale(number++))),
    )
    return {
      name: 'tryton',
      ratios: [
        {
          name: 'receipts/s of the connector against the bare JSON-RPC calls in the same order',
          value: ratio,
          goal: 0.8,
          better: 'higher',
        },
        { name: 'calls per receipt of known goods', value: callsPerReceipt, goal: 12, better: 'lower' },
      ],
    }
  } finally {
    await guarded.close()
    await opened.drop()
  }
}

function contextOf(fetch: GuardedFetch): ConnectorContext {
  return {
    fetch,
    logger: silentLogger,
    now: () => Date.now(),
    signal: AbortSignal.timeout(120_000),
    attempt: 1,
    idempotencyKey: 'bench',
    steps: rememberSteps(),
  }
}
