import type { Command } from 'commander'
import { act } from './act.ts'
import { printJson, printTable } from './print.ts'

export function registerSettings(program: Command): void {
  program
    .command('settings')
    .description('Print every setting: name, unit, default, value (secrets redacted) and where it comes from')
    .option('--json', 'print JSON')
    .option('--markdown', 'print the reference of all settings instead')
    .addHelpText(
      'after',
      '\nExamples:\n  tillflow settings\n  TILLFLOW_HTTP_PORT=8080 tillflow settings --json\n\nA flag wins over the environment, the environment over tillflow.json (or TILLFLOW_SETTINGS_FILE), the file over the default.',
    )
    .action(
      act(async ({ json, markdown }: { json?: boolean; markdown?: boolean }) => {
        if (markdown) {
          const { settingsReference } = await import('../settings/settings-reference.ts')
          process.stdout.write(settingsReference())
          return undefined
        }
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
