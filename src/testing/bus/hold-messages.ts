/** A consumer in a process of its own: it says what its first call brought, and never ends it. */
import type { Bus } from '../../contract/bus.ts'
import { idOf } from './made-messages.ts'

interface Order {
  module: string
  factory: string
  options: unknown
  group: string
  topic: string
}

const { module, factory, options, group, topic } = JSON.parse(process.argv[2] ?? '') as Order
const engine = (await import(module)) as Record<string, (options: unknown) => Bus | Promise<Bus>>
const bus = await engine[factory]?.(options)
await bus?.subscribe({
  group,
  topics: [topic],
  batchMax: 5,
  prefetchMax: 20,
  onMessages: (messages) => {
    process.stdout.write(`${JSON.stringify({ ids: messages.map(idOf) })}\n`)
    return new Promise(() => {})
  },
})
process.stdout.write(`${JSON.stringify({ subscribed: true })}\n`)
