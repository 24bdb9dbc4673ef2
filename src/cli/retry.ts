import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { printJson, printLine } from './print.ts'

interface RetryOptions {
  target?: string
  all?: boolean
  includeNeedsCheck?: boolean
  json?: boolean
}

export function registerRetry(program: Command): void {
  program
    .command('retry [event...]')
    .description('Put parked events back into their lanes, in order, with their attempts forgiven')
    .option('--all', 'all parked events')
    .option('--target <name>', 'only at one target')
    .option('--include-needs-check', 'also events that the target may have already: they may be there twice afterwards')
    .option('--json', 'print JSON')
    .action(
      act(async (eventIds: string[], { target, all, includeNeedsCheck, json }: RetryOptions) => {
        if (eventIds.length === 0 && !all) throw new Problem('settings-invalid', 'Name events, or say --all.')
        if (eventIds.some((id) => !/^[0-9a-f-]{36}$/i.test(id)))
          throw new Problem('settings-invalid', 'An event is named by its id (see tillflow lanes).')
        const [{ loadSettings }, { withDatabase }, { retryParked }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/parked.ts'),
        ])
        const request = {
          includeNeedsCheck: includeNeedsCheck ?? false,
          ...(target !== undefined && { target }),
          ...(eventIds.length > 0 && { eventIds }),
        }
        const retried = await withDatabase(loadSettings().settings, (pool) => retryParked(pool, request))
        if (json) printJson({ retried })
        else printLine(`${retried} ${retried === 1 ? 'event goes' : 'events go'} back into their lanes`)
        return undefined
      }),
    )
}
