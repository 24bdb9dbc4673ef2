import { makeSale } from '../../src/testing/receipts.ts'
import { quantile } from './checker.ts'
import { type Client, isAcknowledged } from './client.ts'
import { sleep } from './wait.ts'

const blocks = 5
/** A till that has customers; without it the hub is measured at its limit, where everything waits for everything. */
const pauseMs = 20

/** How long a till waited for its answers. */
export interface IntakeTimes {
  /** The lowest 95th percentile of several blocks: what the machine did besides in the others does not decide. */
  p95Ms: number
  acknowledged: number
  refused: number
}

/** One till that uploads receipt after receipt; its numbers begin at `first`. */
export async function measureIntake(client: Client, first: number, count: number): Promise<IntakeTimes> {
  const p95s: number[] = []
  let acknowledged = 0
  const perBlock = Math.ceil(count / blocks)
  for (let block = 0; block < blocks; block += 1) {
    const times: number[] = []
    for (let index = 0; index < perBlock; index += 1) {
      const sale = makeSale(first + block * perBlock + index, { workstationId: 'measured' })
      const startedAt = performance.now()
      const answer = await client.post(sale)
      times.push(performance.now() - startedAt)
      if (isAcknowledged(answer)) acknowledged += 1
      await sleep(pauseMs)
    }
    p95s.push(quantile(times, 0.95))
  }
  return { p95Ms: Math.min(...p95s), acknowledged, refused: blocks * perBlock - acknowledged }
}
