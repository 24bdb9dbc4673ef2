import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { withErasureHouse } from './open-erasure-house.ts'
import { printJson, printLine, printTable } from './print.ts'
import { subjectOfArgument } from './read-subject.ts'

interface HoldOptions {
  reason: string
  everything?: boolean
  json?: boolean
}

export function registerHold(program: Command): void {
  const hold = program.command('hold').description('Legal holds: data that must be kept, whoever asks for its erasure')
  hold
    .command('add [subject]')
    .description('Keep what there is of a person (customer:ID, loyalty:ID, or -), or everything')
    .requiredOption('--reason <text>', 'why; do not name the person')
    .option('--everything', 'nothing is erased and nothing is pruned')
    .option('--json', 'print JSON')
    .action(act(add))
  hold.command('list').description('Holds in force').option('--json', 'print JSON').action(act(list))
  hold
    .command('remove <id>')
    .description('End a hold')
    .requiredOption('--reason <text>', 'why')
    .option('--json', 'print JSON')
    .action(act(remove))
}

async function add(text: string | undefined, { reason, everything, json }: HoldOptions): Promise<undefined> {
  if (everything && text !== undefined)
    throw new Problem('settings-invalid', 'Name a person or --everything, not both.')
  const subject = everything ? undefined : await subjectOfArgument(text)
  const { addHold } = await import('../privacy/erasure/holds.ts')
  const hold = await withErasureHouse((house) =>
    addHold(house, { reason, actor: actor(), ...(subject && { subject }) }),
  )
  if (json) printJson(hold)
  else printLine(`${hold.holdId}  ${hold.reference ?? 'everything'} is held`)
  return undefined
}

async function list({ json }: { json?: boolean }): Promise<undefined> {
  const { readHolds } = await import('../privacy/erasure/holds.ts')
  const holds = await withErasureHouse(({ pool }) => readHolds(pool))
  if (json) printJson(holds)
  else {
    const rows = holds.map((one) => [
      one.holdId,
      one.reference ?? 'everything',
      one.placedAt.toISOString().slice(0, 10),
      one.placedBy,
      one.reason,
    ])
    printTable(['HOLD', 'OF', 'SINCE', 'BY', 'REASON'], rows)
  }
  return undefined
}

async function remove(holdId: string, { reason, json }: HoldOptions): Promise<undefined> {
  const { removeHold } = await import('../privacy/erasure/holds.ts')
  await withErasureHouse((house) => removeHold(house, { holdId, reason, actor: actor() }))
  if (json) printJson({ removed: holdId })
  else printLine(`${holdId} is removed`)
  return undefined
}
