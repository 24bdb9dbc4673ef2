import { open } from 'node:fs/promises'
import { extname } from 'node:path'
import { isProblem } from '../contract/problem.ts'
import type { Source } from '../contract/source.ts'
import { add, decimal, formatDecimal } from '../domain/decimal.ts'
import type { Inspected } from '../file-drop/control-totals.ts'
import type { FileOptions, Form, Recognised } from '../file-drop/process-file.ts'
import { loadSettings } from '../settings/load-settings.ts'
import { storeDirectory } from '../settings/stores.ts'
import { chooseSource, readFile } from './file-report.ts'

/** A first line is looked at up to here. */
const firstLineBytesMax = 8_388_608

/** What a watched folder asks about its files, answered by the sources. */
export function dropReader(sourceName: string | undefined): Pick<FileOptions, 'recognise' | 'inspect'> {
  return {
    recognise: async (file, name) => {
      const source = await chooseSource(file, sourceName, name).catch((error: unknown) => {
        if (isProblem(error) && error.code === 'unknown-source') return undefined
        throw error
      })
      return source && recognise(source, file, name)
    },
    inspect,
  }
}

async function recognise(source: Source, file: string, name: string): Promise<Recognised> {
  const { mediaTypes } = source.features
  const form = await formOf(file, name, mediaTypes)
  const wanted = { xml: /xml/, lines: /ndjson/, whole: /json$/ }[form]
  return { source: source.name, form, mediaType: mediaTypes.find((type) => wanted.test(type)) ?? 'application/json' }
}

async function formOf(file: string, name: string, mediaTypes: readonly string[]): Promise<Form> {
  if (mediaTypes.some((type) => type.includes('xml'))) return 'xml'
  if (!mediaTypes.some((type) => type.includes('ndjson'))) return 'whole'
  if (['.ndjson', '.jsonl'].includes(extname(name).toLowerCase())) return 'lines'
  return (await startsWithDocument(file)) ? 'lines' : 'whole'
}

/** The first line of NDJSON is a document by itself; the first line of a document over several lines is not. */
async function startsWithDocument(file: string): Promise<boolean> {
  const handle = await open(file)
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(firstLineBytesMax), 0, firstLineBytesMax, 0)
    const end = buffer.subarray(0, bytesRead).indexOf(0x0a)
    JSON.parse(buffer.toString('utf8', 0, end < 0 ? bytesRead : end).replace(/^\uFEFF/, ''))
    return true
  } catch {
    return false
  } finally {
    await handle.close()
  }
}

/** Transactions, and the sum of their grand totals where they have one currency. */
async function inspect(file: string, sourceName: string): Promise<Inspected> {
  const { settings } = loadSettings({})
  let total = decimal('0')
  const currencies = new Set<string>()
  let lines = 0
  await readFile(file, { store: storeDirectory(settings) }, sourceName, {
    begin: () => {},
    end: () => {},
    entry: (entry) => {
      lines += 1
      if (!('transaction' in entry)) return
      currencies.add(entry.transaction.currency)
      if (entry.transaction.totals?.grandTotal !== undefined)
        total = add(total, decimal(entry.transaction.totals.grandTotal))
    },
  })
  return { lines, total: currencies.size > 1 ? undefined : formatDecimal(total) }
}
