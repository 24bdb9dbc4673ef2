import { referenceErp } from '../../src/connectors/reference-erp/connector.ts'
import type { Connection, DeliveryEvent } from '../../src/contract/connector.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { createPool } from '../../src/database/pool.ts'
import { noSteps } from '../../src/delivery/steps.ts'
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts'

/**
 * Delivery as queues are often written: whoever is free takes the next ten rows with FOR UPDATE SKIP LOCKED, and what fails is
 * taken again later. Everything but the claim is the hub's own: connector, guarded fetch, idempotency key.
 */
const [databaseUrl = '', ...urls] = process.argv.slice(2)
const pool = createPool({ url: databaseUrl, sizeMax: 4 * urls.length, applicationName: 'naive', logger: silentLogger })
const fetch = createGuardedFetch({ allowPrivateNetwork: true, timeoutMs: 450, connectionsMax: 32 })

interface Row {
  place: string
  event: DeliveryEvent
}

async function takeTen(target: number, connection: Connection): Promise<void> {
  const client = await pool.connect()
  try {
    await client.query('begin')
    const { rows } = await client.query<Row>(
      'select place, event from naive_queue where target = $1 order by place limit 10 for update skip locked',
      [target],
    )
    for (const { place, event } of rows) {
      const outcome = await connection.postTransaction?.(event, {
        fetch,
        logger: silentLogger,
        now: () => Date.now(),
        signal: AbortSignal.timeout(450),
        attempt: 1,
        idempotencyKey: event.eventId,
        steps: noSteps,
      })
      if (outcome?.kind === 'delivered')
        await client.query('delete from naive_queue where target = $1 and place = $2', [target, place])
    }
    await client.query('commit')
  } finally {
    client.release()
  }
}

for (const [target, url] of urls.entries()) {
  const connection = referenceErp.connect(
    { url, idempotent: true },
    { logger: silentLogger, allowPrivateNetwork: true },
  )
  for (let worker = 0; worker < 4; worker += 1) {
    void (async () => {
      for (;;) {
        await takeTen(target, connection).catch(() => {})
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
    })()
  }
}
process.send?.({ ready: true })
process.once('disconnect', () => process.exit(0))
