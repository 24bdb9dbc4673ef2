import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
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
        const [{ loadSettings }, { withDatabase }, { readParked }, { readTargets }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/parked.ts'),
          import('../delivery/targets.ts'),
        ])
        const [targets, all] = await withDatabase(loadSettings().settings, (pool) =>
          Promise.all([readTargets(pool), readParked(pool, target === undefined ? {} : { target })]),
        )
        if (target !== undefined && targets.every((one) => one.name !== target)) throw new Problem('unknown-target')
        const paused = targets.filter((one) => one.pause && (target === undefined || one.name === target))
        const events = parked ? all.filter((one) => one.state !== 'waiting') : all
        if (json) {
          printJson({ pausedTargets: paused.map(({ name, pause }) => ({ target: name, ...pause })), events })
          return undefined
        }
        printPauses(paused)
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
