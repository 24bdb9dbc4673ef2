import type { Command } from 'commander'
import { act } from './act.ts'
import { printJson, printLine } from './print.ts'

export function registerMigrate(program: Command): void {
  program
    .command('migrate')
    .description('Bring the database to the version of this program (start does it too)')
    .option('--json', 'print JSON')
    .action(
      act(async ({ json }: { json?: boolean }) => {
        const [{ loadSettings }, { withDatabase }, { migrate }, { silentLogger }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../database/migrate.ts'),
          import('../contract/logger.ts'),
        ])
        const result = await withDatabase(loadSettings().settings, (pool) => migrate(pool, { logger: silentLogger }))
        if (json) printJson(result)
        else
          printLine(result.applied.length > 0 ? `applied: ${result.applied.join(', ')}` : `current: ${result.current}`)
        return undefined
      }),
    )
}
