import type { FileListener } from './file-report.ts'

/** Text is gathered up to this before it is written. */
const pieceLengthMin = 65_536

/**
 * Writes `[{ file, source, transactions: [...], refused? }, ...]` as it comes: the array of a large file is longer than a
 * string may be.
 */
export function jsonFileReport(write: (text: string) => Promise<void>): FileListener & { close(): Promise<void> } {
  let gathered = '['
  let files = 0
  let entries = 0
  const add = async (text: string) => {
    gathered += text
    if (gathered.length >= pieceLengthMin) await flush()
  }
  const flush = async () => {
    const text = gathered
    gathered = ''
    await write(text)
  }
  return {
    begin: async (file, source) => {
      entries = 0
      await add(
        `${files > 0 ? ',\n' : ''}{"file":${JSON.stringify(file)},"source":${JSON.stringify(source)},"transactions":[`,
      )
      files += 1
    },
    entry: async (entry) => {
      await add(`${entries > 0 ? ',\n' : '\n'}${JSON.stringify(entry)}`)
      entries += 1
    },
    end: async (refused) => {
      await add(`]${refused ? `,"refused":${JSON.stringify(refused)}` : ''}}`)
    },
    close: async () => {
      await add(']\n')
      await flush()
    },
  }
}
