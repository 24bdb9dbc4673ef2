import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { shareServer, stopUnderWay } from './bench/bench.ts'
import { invariants } from './invariants/index.ts'
import { judge } from './judge.ts'
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
const say = (text: string) => process.stderr.write(`${text}\n`)
const directory = await mkdtemp(join(tmpdir(), 'tillflow-faults-'))
say(`profile ${profile}, seed ${seed}, logs in ${directory}`)
const shared = shareServer()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, async () => {
    await stopUnderWay()
    await shared.stop()
    process.exit(130)
  })
}
const report: Report = { profile, seed, invariants: [] }
for (const invariant of chosen) {
  report.invariants.push(await judge(invariant, { profile, seed, directory, sharedServer: shared.server, say }))
}
await shared.stop()
if (json) {
  say(formatTable(report))
  process.stdout.write(`${JSON.stringify(report)}\n`)
} else process.stdout.write(formatTable(report))
if (isGood(report)) await rm(directory, { recursive: true, force: true })
process.exit(isGood(report) ? 0 : 1)
