import { shareServer, stopUnderWay } from './bench/bench.ts'
import { invariants } from './invariants/index.ts'
import { attempt } from './judge.ts'
import type { Asked, LaneOptions } from './open-lane.ts'

/** A process that makes the attacks that it is told by the numbers of their invariants, and ends with whoever started it. */
const options = JSON.parse(process.argv[2] ?? '') as LaneOptions
const say = (text: string) => process.stderr.write(`${text}\n`)
const shared = shareServer(options.profile)
let isOver = false

async function end(): Promise<void> {
  if (isOver) return
  isOver = true
  await stopUnderWay()
  await shared.stop()
  process.exit(0)
}
for (const signal of ['SIGINT', 'SIGTERM', 'disconnect'] as const) process.once(signal, () => void end())

process.on('message', async ({ id, half }: Asked) => {
  const invariant = invariants.find((one) => one.id === id)
  if (!invariant) throw new Error('there is no such invariant')
  const made = await attempt(invariant, half, { ...options, sharedServer: shared.server, say })
  // Of a run that was broken off nobody wants to hear.
  if (process.connected) process.send?.(made)
})
