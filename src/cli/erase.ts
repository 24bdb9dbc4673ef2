import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import type { ErasurePreview } from '../privacy/erasure/erase.ts'
import type { ErasureReport } from '../privacy/erasure/report.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { exitCodes } from './exit-codes.ts'
import { withErasureHouse, withStoppedHouse } from './open-erasure-house.ts'
import { printJson, printLine, say } from './print.ts'
import { subjectOfArgument } from './read-subject.ts'

interface EraseOptions {
  reason?: string
  dryRun?: boolean
  yes?: boolean
  status?: string | true
  continue?: boolean
  replayTombstones?: boolean
  json?: boolean
}

export function registerErase(program: Command): void {
  program
    .command('erase [subject]')
    .description(
      'Erase a person (customer:ID, loyalty:ID; - reads it from standard input): amounts stay, the person goes',
    )
    .option('--reason <text>', 'why, for whoever looks later; do not name the person')
    .option('--dry-run', 'say what would be erased, and change nothing')
    .option('--yes', 'do not ask: it cannot be taken back')
    .option('--status [id]', 'how far erasures are')
    .option('--continue', 'go on with what was begun, where no hub runs that does so by itself')
    .option('--replay-tombstones', 'after a restore: erase again whom the restored copy brought back')
    .option('--json', 'print JSON')
    .action(act(eraseCommand))
}

async function eraseCommand(subject: string | undefined, options: EraseOptions): Promise<number | undefined> {
  if (options.status !== undefined) return tellStatus(options.status, options)
  if (options.replayTombstones) return replay(options)
  if (options.continue) return goOn(options)
  const person = await subjectOfArgument(subject)
  const { previewErasure, erase } = await import('../privacy/erasure/erase.ts')
  if (options.dryRun) {
    const preview = await withErasureHouse((house) => previewErasure(house, person))
    if (options.json) printJson(preview)
    else tellPreview(preview)
    return preview.hold ? exitCodes.conflict : undefined
  }
  const { reason } = options
  if (reason === undefined) throw new Problem('settings-invalid', 'Say why with --reason.')
  if (!options.yes)
    throw new Problem('settings-invalid', 'It cannot be taken back: look with --dry-run, then say --yes.')
  const report = await withErasureHouse((house) => erase(house, { subject: person, reason, actor: actor() }))
  if (options.json) printJson(report)
  else tellReport(report)
  return undefined
}

async function tellStatus(status: string | true, { json }: EraseOptions): Promise<undefined> {
  const { readErasure, readErasures } = await import('../privacy/erasure/report.ts')
  const reports = await withErasureHouse(async ({ pool }) =>
    status === true ? readErasures(pool) : [await readErasure(pool, status)],
  )
  if (json) printJson(reports)
  else for (const report of reports) tellReport(report)
  return undefined
}

async function goOn({ json }: EraseOptions): Promise<number | undefined> {
  const { continueErasures } = await import('../privacy/erasure/erase.ts')
  const left = await withErasureHouse(continueErasures)
  if (json) printJson({ left })
  else printLine(left === 0 ? 'no erasure is open' : `${left} erasures settle; targets are told after that`)
  return left === 0 ? undefined : exitCodes.partial
}

async function replay({ json }: EraseOptions): Promise<undefined> {
  const { replayTombstones } = await import('../privacy/erasure/replay-tombstones.ts')
  const replayed = await withStoppedHouse((house) => replayTombstones(house, actor()))
  if (json) printJson({ replayed })
  else printLine(replayed.length === 0 ? 'the database knows every tombstone' : `erased again: ${replayed.length}`)
  return undefined
}

function tellPreview({ reference, records, kept, hold }: ErasurePreview): void {
  printLine(`${records} receipts and kept uploads name this person (${reference})`)
  for (const { what, reason } of kept) printLine(`stays: ${what} (${reason})`)
  if (hold) printLine(`refused now: hold ${hold.holdId} of ${hold.placedAt.toISOString()}: ${hold.reason}`)
  say('nothing was changed')
}

function tellReport({ erasureId, reference, state, counts, kept }: ErasureReport): void {
  printLine(`${erasureId}  ${state}  ${reference}`)
  for (const [what, count] of Object.entries(counts)) printLine(`  ${what}: ${count}`)
  for (const { what, reason } of kept) printLine(`  stays: ${what} (${reason})`)
  if (state === 'settling')
    printLine('  nothing is in clear any more; targets are told after a last look in about a minute')
}
