import { readFile } from 'node:fs/promises'
import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { printJson, printLine } from './print.ts'

interface AnonymiseOptions {
  key?: string
  keyFile?: string
  out: string
  source?: string
  items: string
  shiftDays: string
  json?: boolean
}

export function registerAnonymise(program: Command): void {
  program
    .command('anonymise <file...>')
    .description('Make test data from real files: same structure, totals and links, nobody in it')
    .option('--key <key>', 'key of the pseudonyms, 16 characters or more; others can see it: better --key-file')
    .option('--key-file <file>', 'a file with the key')
    .option('--out <directory>', 'where to write', 'anonymised')
    .option('--source <name>', 'poslog, tillflow, shopify or square; default: found by their first bytes')
    .option('--items <way>', 'keep article numbers, or make them pseudonymous', 'keep')
    .option('--shift-days <days>', 'move every date by this many days; a multiple of 7 keeps the days of the week', '0')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe same key gives the same pseudonyms in every file.\n\nExample:\n  tillflow anonymise POSLog.xml --key-file key.txt --out test-data',
    )
    .action(act(anonymiseFiles))
}

async function anonymiseFiles(files: string[], options: AnonymiseOptions): Promise<undefined> {
  const { anonymiseFile } = await import('./anonymise-file.ts')
  const [{ createPseudonyms }, { deriveKey }] = await Promise.all([
    import('../anonymise/pseudonyms.ts'),
    import('../anonymise/anonymise-key.ts'),
  ])
  const pseudonyms = createPseudonyms(deriveKey(await readKey(options)))
  const way = { pseudonyms, shiftDays: readDays(options.shiftDays), items: readItems(options.items) }
  const written = []
  for (const file of files) {
    const result = await anonymiseFile({ file, inputs: files, out: options.out, source: options.source, way })
    written.push(result)
    if (options.json) continue
    const counts = Object.entries(result.counts).map(([rule, count]) => `${rule} ${count}`)
    printLine(`${result.file} -> ${result.output} (${result.source}: ${counts.join(', ')})`)
  }
  if (options.json) printJson(written)
  return undefined
}

async function readKey({ key, keyFile }: AnonymiseOptions): Promise<string> {
  if ((key === undefined) === (keyFile === undefined))
    throw new Problem('settings-invalid', 'Give either --key or --key-file.')
  if (key !== undefined) return key
  const text = await readFile(keyFile ?? '', 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new Problem('not-found', `The key file cannot be read (${error.code}).`)
  })
  return text.trim()
}

function readDays(text: string): number {
  if (!/^-?\d{1,6}$/.test(text)) throw new Problem('settings-invalid', '--shift-days is a whole number of days.')
  return Number(text)
}

function readItems(text: string): 'keep' | 'pseudonymous' {
  if (text !== 'keep' && text !== 'pseudonymous')
    throw new Problem('settings-invalid', '--items is keep or pseudonymous.')
  return text
}
