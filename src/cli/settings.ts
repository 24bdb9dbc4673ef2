import type { Command } from 'commander'
import { act } from './act.ts'
import { printJson, printTable } from './print.ts'

export function registerSettings(program: Command): void {
  program
    .command('settings')
    .description('Print every setting: name, unit, default, value (secrets redacted) and where it comes from')
    .option('--json', 'print JSON')
    .action(
      act(async ({ json }: { json?: boolean }) => {
        const { listSettings } = await import('../settings/list-settings.ts')
        const { loadSettings } = await import('../settings/load-settings.ts')
        const listed = listSettings(loadSettings())
        if (json) printJson(listed)
        else {
          const rows = listed.map((one) => [one.name, one.variable, one.unit, one.default, one.value, one.origin])
          printTable(['NAME', 'ENVIRONMENT', 'UNIT', 'DEFAULT', 'VALUE', 'FROM'], rows)
        }
        return undefined
      }),
    )
}
