import type { Command } from 'commander'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine } from './print.ts'

interface PauseOptions {
  reason: string
  json?: boolean
}

export function registerPause(program: Command): void {
  program
    .command('pause <target>')
    .description('Send nothing to a target until it is resumed; its receipts wait in their order')
    .requiredOption('--reason <text>', 'why, for whoever looks at the status')
    .option('--json', 'print JSON')
    .action(
      act(async (name: string, { reason, json }: PauseOptions) => {
        const [{ loadSettings }, { withDatabase }, { pauseTarget }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/pause.ts'),
        ])
        const { changed, pause } = await withDatabase(loadSettings().settings, (pool) =>
          pauseTarget(pool, name, reason, actor()),
        )
        if (json) printJson({ target: name, changed, pause })
        else if (changed) printLine(`${name} is paused`)
        else printLine(`${name} was paused already, since ${pause.since.toISOString()}: ${pause.reason}`)
        return undefined
      }),
    )
}
