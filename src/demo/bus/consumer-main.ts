import { open } from 'node:fs/promises'
import { findBusEngine } from '../../buses/index.ts'
import type { ReceivedMessage } from '../../contract/bus.ts'
import { silentLogger } from '../../contract/logger.ts'
import { eventTypes } from '../../journal/event.ts'
import { readConsumerPlan } from './consumer-plan.ts'

/**
 * A system of somebody else that reads the bus: it knows the broker and the topic, and nothing of the hub. What it took is in a
 * file and fsynced before it acknowledges, so that the file may be compared with the tills' record whatever was killed.
 */
const plan = readConsumerPlan(process.env)
const log = await open(plan.logFile, 'a')
const bus = await findBusEngine(plan.engine)({
  url: plan.url,
  compression: 'none',
  clientName: 'tillflow-demo-consumer',
  logger: silentLogger,
})
// Whoever comes first makes the topic; a queue of our own must be there before the first event.
await bus.prepareTopics([plan.topic])
const consumer = await bus.subscribe({
  group: 'demo-consumer',
  topics: [plan.topic.topic],
  batchMax: 500,
  prefetchMax: 2_000,
  onMessages: keep,
  onTrouble: (failure) => process.stderr.write(`${failure.message}\n`),
})
process.stdout.write('{"ready":true}\n')
process.once('SIGTERM', () => void stop())
process.once('SIGINT', () => void stop())

async function keep(messages: readonly ReceivedMessage[]): Promise<void> {
  const receipts = messages.filter(({ cloudEvent }) => cloudEvent?.type === eventTypes.recorded)
  if (receipts.length === 0) return
  await log.appendFile(receipts.map(({ cloudEvent }) => `${cloudEvent?.id ?? ''}\n`).join(''))
  await log.datasync()
}

async function stop(): Promise<void> {
  await consumer.close()
  await bus.close()
  await log.close()
  process.exit(0)
}
