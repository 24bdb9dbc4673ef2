import type { Command } from 'commander'
import { act } from './act.ts'
import { printJson, printLine, printTable } from './print.ts'

interface LanesOptions {
  parked?: boolean
  target?: string
  json?: boolean
}

export function registerLanes(program: Command): void {
  program
    .command('lanes')
    .description('Lanes that are not moving: what is parked, waits for its original, or must be checked')
    .option('--parked', 'only what a person must decide')
    .option('--target <name>', 'only one target')
    .option('--json', 'print JSON')
    .action(
      act(async ({ parked, target, json }: LanesOptions) => {
        const [{ loadSettings }, { withDatabase }, { readParked }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/parked.ts'),
        ])
        const all = await withDatabase(loadSettings().settings, (pool) =>
          readParked(pool, target === undefined ? {} : { target }),
        )
        const events = parked ? all.filter((one) => one.state !== 'waiting') : all
        if (json) printJson(events)
        else if (events.length === 0) printLine('Nothing is parked or waiting.')
        else {
          const rows = events.map((one) => [
            one.target,
            one.orderingKey,
            one.state,
            one.reasonCode ?? '',
            (one.reason ?? '').slice(0, 60),
            one.attempts,
            one.eventId,
          ])
          printTable(['TARGET', 'LANE', 'STATE', 'CODE', 'REASON', 'ATTEMPTS', 'EVENT'], rows)
        }
        return undefined
      }),
    )
}
