import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine } from './print.ts'

interface RetryOptions {
  target?: string
  fingerprint?: string
  store?: string
  day?: string
  all?: boolean
  includeNeedsCheck?: boolean
  reason?: string
  json?: boolean
}

export function registerRetry(program: Command): void {
  program
    .command('retry [event...]')
    .description('Put parked events back into their lanes, in order, with their attempts forgiven')
    .option('--all', 'all parked events')
    .option('--target <name>', 'only at one target')
    .option('--fingerprint <id>', 'all of one cause (see tillflow lanes --parked)')
    .option('--store <id>', 'all of one store')
    .option('--day <date>', 'all of one business day')
    .option('--include-needs-check', 'also events that the target may have already: they may be there twice afterwards')
    .option('--reason <text>', 'why, for the log of acts')
    .option('--json', 'print JSON')
    .action(
      act(async (eventIds: string[], options: RetryOptions) => {
        const { target, fingerprint, store, day, all, includeNeedsCheck = false, reason, json } = options
        const isBulk = all || fingerprint !== undefined || store !== undefined || day !== undefined
        if (eventIds.length === 0 && !isBulk)
          throw new Problem('settings-invalid', 'Name events, --fingerprint, --store or --day, or say --all.')
        if (eventIds.some((id) => !/^[0-9a-f-]{36}$/i.test(id)))
          throw new Problem('settings-invalid', 'An event is named by its id (see tillflow lanes).')
        const [{ loadSettings }, { withDatabase }, { retryGroup }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/parked-groups.ts'),
        ])
        const request = {
          includeNeedsCheck,
          actor: actor(),
          filter: {
            ...(store !== undefined && { businessUnitId: store }),
            ...(day !== undefined && { businessDayDate: day }),
          },
          ...(target !== undefined && { target }),
          ...(reason !== undefined && { reason }),
          ...(fingerprint !== undefined && { fingerprint }),
          ...(eventIds.length > 0 && { eventIds }),
        }
        const retried = await withDatabase(loadSettings().settings, (pool) => retryGroup(pool, request))
        if (json) printJson({ retried })
        else printLine(`${retried} ${retried === 1 ? 'event goes' : 'events go'} back into their lanes`)
        return undefined
      }),
    )
}
