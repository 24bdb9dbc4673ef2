import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { invariants } from './invariants/index.ts'
import { halves } from './judge.ts'
import { judgeInLanes, openLane } from './open-lane.ts'
import { readOptions, usage } from './options.ts'
import { formatTable, isGood, type Report } from './report.ts'

/**
 * The fault bench: attacks every promise of the hub with real processes, and checks from outside what came of it. Exit code 1:
 * a promise was broken, or a control was not caught. Logs, witnesses and effects of a run that was not good are kept.
 */
const options = readOptions(process.argv.slice(2), invariants)
if (!options) {
  process.stderr.write(usage)
  process.exit(2)
}
const { profile, seed, chosen, json } = options
/** Attacks at the same time: they mostly wait. What is measured against time is attacked alone. */
const lanesMax = 3
const say = (text: string) => process.stderr.write(`${text}\n`)
const directory = await mkdtemp(join(tmpdir(), 'tillflow-faults-'))
say(`profile ${profile}, seed ${seed}, logs in ${directory}`)
const lanes = Array.from({ length: Math.min(lanesMax, halves.length * chosen.length) }, () =>
  openLane({ profile, seed, directory }),
)
const stop = () => Promise.all(lanes.map((lane) => lane.stop()))
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => void stop().then(() => process.exit(130)))
}
const report: Report = { profile, seed, invariants: await judgeInLanes(chosen, profile, lanes) }
await stop()
if (json) {
  say(formatTable(report))
  process.stdout.write(`${JSON.stringify(report)}\n`)
} else process.stdout.write(formatTable(report))
if (isGood(report)) await rm(directory, { recursive: true, force: true })
process.exit(isGood(report) ? 0 : 1)
