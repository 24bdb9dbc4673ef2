import type { Command } from 'commander'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine } from './print.ts'

export function registerResume(program: Command): void {
  program
    .command('resume <target>')
    .description('Go on with a paused target, where it stopped')
    .option('--reason <text>', 'why, for the log of acts')
    .option('--json', 'print JSON')
    .action(
      act(async (name: string, { reason, json }: { reason?: string; json?: boolean }) => {
        const [{ loadSettings }, { withDatabase }, { resumeTarget }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/pause.ts'),
        ])
        const changed = await withDatabase(loadSettings().settings, (pool) => resumeTarget(pool, name, actor(), reason))
        if (json) printJson({ target: name, changed })
        else printLine(changed ? `${name} goes on` : `${name} was not paused`)
        return undefined
      }),
    )
}
