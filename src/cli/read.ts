import { stat } from 'node:fs/promises'
import type { Command } from 'commander'
import { act } from './act.ts'
import { exitCodes } from './exit-codes.ts'
import type { FileContext } from './file-context.ts'
import { printLine, printPiece } from './print.ts'

interface ReadOptions {
  source?: string
  account?: string
  zone?: string
  currency?: string
  json?: boolean
}

export function registerRead(program: Command): void {
  program
    .command('read <file...>')
    .description('Translate and check files without a database')
    .option('--source <name>', 'how to read them; default: found by their first bytes')
    .option('--account <name>', "the vendor's account that they come from; default: the only one of the settings")
    .option('--zone <zone>', 'IANA time zone of the stores')
    .option('--currency <code>', 'currency of the stores')
    .option('--json', 'print an array of { file, source, transactions, refused? }')
    .addHelpText(
      'after',
      '\nExamples:\n  tillflow read POSLog.xml --zone America/New_York\n  tillflow read day/*.xml --json > day.json\n\nExit code 6: something was refused.',
    )
    .action(
      act(async (files: string[], options: ReadOptions) => {
        const { loadSettings } = await import('../settings/load-settings.ts')
        const { storeDirectory } = await import('../settings/stores.ts')
        const { accountSources, sourceAccounts } = await import('../settings/source-accounts.ts')
        const { sources } = await import('../sources/index.ts')
        const { settings } = loadSettings({
          overrides: { defaultTimeZone: options.zone, defaultCurrency: options.currency },
        })
        const accounts = sourceAccounts(settings, accountSources(sources))
        const context = { store: storeDirectory(settings), accounts, accountName: options.account }
        return readFiles(files, context, options)
      }),
    )
}

async function readFiles(files: string[], context: FileContext, options: ReadOptions): Promise<number | undefined> {
  const [{ readFile }, { jsonFileReport }, { textFileReport }, { withProgress }] = await Promise.all([
    import('./file-report.ts'),
    import('./json-file-report.ts'),
    import('./text-file-report.ts'),
    import('./read-progress.ts'),
  ])
  const json = options.json ? jsonFileReport(printPiece) : undefined
  const listener = json ?? textFileReport(printLine)
  let complete = true
  for (const file of files) {
    const sizeBytes = await stat(file).then(
      ({ size }) => size,
      () => 0,
    )
    const read = await readFile(file, context, options.source, withProgress(listener, { sizeBytes }))
    complete &&= read.complete
  }
  await json?.close()
  return complete ? undefined : exitCodes.partial
}
