import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import type { FingerprintGroup } from '../delivery/parked-groups.ts'
import { act } from './act.ts'
import { printJson, printLine, printTable } from './print.ts'
import { printPauses } from './print-pauses.ts'

interface LanesOptions {
  parked?: boolean
  target?: string
  json?: boolean
}

export function registerLanes(program: Command): void {
  program
    .command('lanes')
    .description('What is not moving: paused targets, and what is parked, waits for its original, or must be checked')
    .option('--parked', 'only what a person must decide')
    .option('--target <name>', 'only one target')
    .option('--json', 'print JSON')
    .action(
      act(async ({ parked, target, json }: LanesOptions) => {
        const [{ loadSettings }, { withDatabase }, { readParked }, { readFingerprintGroups }, { readTargets }] =
          await Promise.all([
            import('../settings/load-settings.ts'),
            import('./open-database.ts'),
            import('../delivery/parked.ts'),
            import('../delivery/parked-groups.ts'),
            import('../delivery/targets.ts'),
          ])
        const [targets, all, groups] = await withDatabase(loadSettings().settings, (pool) =>
          Promise.all([
            readTargets(pool),
            readParked(pool, target === undefined ? {} : { target }),
            parked ? readFingerprintGroups(pool, target) : [],
          ]),
        )
        if (target !== undefined && targets.every((one) => one.name !== target)) throw new Problem('unknown-target')
        const paused = targets.filter((one) => one.pause && (target === undefined || one.name === target))
        const events = parked ? all.filter((one) => one.state !== 'waiting') : all
        if (json) {
          const pausedTargets = paused.map(({ name, pause }) => ({ target: name, ...pause }))
          printJson({ pausedTargets, ...(parked && { groups }), events })
          return undefined
        }
        printPauses(targets.filter((one) => target === undefined || one.name === target))
        printGroups(groups)
        if (events.length === 0) printLine('Nothing is parked or waiting.')
        else {
          const rows = events.map((one) => [
            one.target,
            one.receipt,
            one.state,
            one.reasonCode ?? '',
            (one.reason ?? '').slice(0, 60),
            one.attempts,
            one.eventId,
          ])
          printTable(['TARGET', 'RECEIPT', 'STATE', 'CODE', 'REASON', 'ATTEMPTS', 'EVENT'], rows)
        }
        return undefined
      }),
    )
}

/** What is parked by cause; `retry --fingerprint` takes back a whole group. */
function printGroups(groups: readonly FingerprintGroup[]): void {
  if (groups.length === 0) return
  const rows = groups.map((one) => [
    one.fingerprint,
    one.target,
    one.count,
    one.reasonCode,
    one.pattern.slice(0, 60),
    one.firstAt.toISOString().slice(0, 16),
    one.lastAt.toISOString().slice(0, 16),
    one.examples[0] ?? '',
  ])
  printTable(['FINGERPRINT', 'TARGET', 'COUNT', 'CODE', 'REASON', 'FIRST', 'LAST', 'EXAMPLE'], rows)
  printLine()
}
