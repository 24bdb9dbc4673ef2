import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { printJson } from './print.ts'

export function registerShow(program: Command): void {
  program
    .command('show <receipt>')
    .description("A receipt's journey: till, intake, every target, attempts, payload before and after translation")
    .option('--json', 'print JSON')
    .option('--payload', 'print the payloads too')
    .addHelpText(
      'after',
      '\nA receipt is named by its id, its key (till:9/3/-/160) or store/workstation/number (9/3/160).',
    )
    .action(
      act(async (text: string, { json, payload }: { json?: boolean; payload?: boolean }) => {
        const [{ loadSettings }, { withDatabase }, { readReceiptJourney }, { connectors }, { printJourney }] =
          await Promise.all([
            import('../settings/load-settings.ts'),
            import('./open-database.ts'),
            import('./receipt-journey.ts'),
            import('../connectors/index.ts'),
            import('./print-journey.ts'),
          ])
        const { settings } = loadSettings()
        const journey = await withDatabase(settings, (pool) => readReceiptJourney(pool, text, settings, connectors))
        if (!journey) throw new Problem('not-found', 'No receipt has this id, key or number.')
        if (json) printJson(journey)
        else printJourney(journey, payload ?? false)
        return undefined
      }),
    )
}
