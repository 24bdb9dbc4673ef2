import type { Command } from 'commander'
import { act } from './act.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson } from './print.ts'

interface ReadOptions {
  source?: string
  zone?: string
  currency?: string
  json?: boolean
}

export function registerRead(program: Command): void {
  program
    .command('read <file...>')
    .description('Translate and check files without a database')
    .option('--source <name>', 'how to read them; default: found by their first bytes')
    .option('--zone <zone>', 'IANA time zone of the stores')
    .option('--currency <code>', 'currency of the stores')
    .option('--json', 'print an array of { file, source, transactions, refused? }')
    .addHelpText('after', '\nExample:\n  tillflow read POSLog.xml --zone America/New_York')
    .action(
      act(async (files: string[], options: ReadOptions) => {
        const [{ loadSettings }, { storeDirectory }, { readFileReport }, { printFileReport }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('../settings/stores.ts'),
          import('./file-report.ts'),
          import('./print-file-report.ts'),
        ])
        const { settings } = loadSettings({
          overrides: { defaultTimeZone: options.zone, defaultCurrency: options.currency },
        })
        const context = { store: storeDirectory(settings) }
        const reports = []
        for (const file of files) {
          const report = await readFileReport(file, context, options.source)
          reports.push(report)
          if (!options.json) printFileReport(report)
        }
        if (options.json) printJson(reports)
        return reports.some((report) => report.refused) ? exitCodes.partial : undefined
      }),
    )
}
