import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { SaxesParser } from 'saxes'
import { poslog } from '../src/sources/poslog/source.ts'
import { testStore } from '../src/testing/receipts.ts'
import { medianOfPairs, pairsDefault } from './pairs.ts'
import { poslogPieces } from './read-documents.ts'
import type { BenchResult } from './result.ts'

const speedBytes = 16e6
const memoryMegabytes = 500
const chunkBytes = 64 * 1024

/** How fast POSLog is read beside a parser that does nothing with what it finds, and how much memory a large file takes. */
export async function benchRead(pairs = pairsDefault): Promise<BenchResult> {
  const document = Buffer.concat([...poslogPieces(speedBytes)])
  const chunks = Array.from({ length: Math.ceil(document.length / chunkBytes) }, (_, at) =>
    document.subarray(at * chunkBytes, (at + 1) * chunkBytes),
  )
  const kilobytes = document.length / 1e3
  const speed = await medianOfPairs(
    'read',
    pairs,
    () => perSecond(kilobytes, () => readAll(chunks)),
    () => perSecond(kilobytes, () => parseOnly(chunks)),
  )
  const memory = await measureMemory()
  return {
    name: 'read',
    ratios: [
      { name: 'POSLog to transactions, to a bare parse of the same bytes', value: speed, goal: 0.35, better: 'higher' },
      { name: `most memory for a file of ${memoryMegabytes} MB, in MB`, value: memory, goal: 250, better: 'lower' },
    ],
  }
}

async function readAll(chunks: readonly Buffer[]): Promise<void> {
  for await (const result of poslog.read(chunks, { store: () => testStore })) {
    if (result.kind !== 'transaction') throw new Error('the document is not read')
  }
}

async function parseOnly(chunks: readonly Buffer[]): Promise<void> {
  const parser = new SaxesParser({ xmlns: false, position: false })
  let count = 0
  parser.on('opentag', () => {
    count += 1
  })
  parser.on('closetag', () => {
    count -= 1
  })
  parser.on('text', () => undefined)
  const decoder = new TextDecoder('utf-8', { fatal: true })
  for (const chunk of chunks) parser.write(decoder.decode(chunk, { stream: true }))
  parser.close()
  if (count !== 0) throw new Error('the document is not parsed')
}

/** Per second of processor time of this thread: both wait for nothing, and what else the machine does is not theirs. */
async function perSecond(amount: number, run: () => Promise<void>): Promise<number> {
  const before = process.threadCpuUsage()
  await run()
  const { user, system } = process.threadCpuUsage(before)
  return amount / ((user + system) / 1e6)
}

async function measureMemory(): Promise<number> {
  const script = fileURLToPath(new URL('read-memory.ts', import.meta.url))
  const args = [...(await productOptions()), script, String(memoryMegabytes)]
  const { stdout } = await promisify(execFile)(process.execPath, args)
  return Number(stdout)
}

/** The options of Node.js with which `npm run tillflow` runs: another young generation would be another amount of memory. */
async function productOptions(): Promise<string[]> {
  const manifest = JSON.parse(await readFile(new URL('../package.json', import.meta.url), 'utf8')) as {
    scripts: { tillflow: string }
  }
  return manifest.scripts.tillflow.split(' ').filter((word) => word.startsWith('--'))
}
