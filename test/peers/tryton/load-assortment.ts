import { Directory } from '../../../src/connectors/tryton/directory.ts'
import { Session } from '../../../src/connectors/tryton/session.ts'
import { silentLogger } from '../../../src/contract/logger.ts'
import { createGuardedFetch } from '../../../src/egress/guarded-fetch.ts'
import { assortment } from '../../../src/simulator/retailer/assortment.ts'
import type { TrytonAddress } from './tryton-api.ts'

/** What a merchandiser does before the first receipt: every item that the simulated stores sell is a product in Tryton. */
export async function loadAssortment(address: TrytonAddress): Promise<void> {
  const guarded = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 60_000 })
  try {
    const directory = new Directory(new Session(address), { createMissing: true, createProducts: true })
    const lines = assortment.map(({ itemId, description, soldBy }) => ({
      product: itemId,
      productType: 'goods' as const,
      description,
      unit: soldBy === 'weight' ? 'KGM' : 'EA',
      quantity: '1',
      unitPrice: '0',
      amount: '0',
    }))
    await directory.products(lines, {
      fetch: guarded,
      logger: silentLogger,
      now: () => Date.now(),
      signal: AbortSignal.timeout(120_000),
      attempt: 1,
      idempotencyKey: 'assortment',
      steps: { done: new Map(), record: async () => {} },
    })
  } finally {
    await guarded.close()
  }
}
