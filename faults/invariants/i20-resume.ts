import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { partLimits } from '../../src/file-drop/part.ts'
import type { FileResult } from '../../src/file-drop/put-away.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import type { Bench } from '../bench/bench.ts'
import { openDatabase } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import { attackInParts } from '../bench/parts.ts'
import { Program } from '../bench/program.ts'
import { comesTrue, sleep } from '../bench/wait.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const mainScript = join(import.meta.dirname, '../../src/main.ts')

/** How far the watch is with its file, as it wrote down itself. */
function offsetIn(folder: string): number {
  try {
    const name = readdirSync(join(folder, 'work')).find((one) => one.endsWith('.progress.ndjson'))
    const line =
      name &&
      readFileSync(join(folder, 'work', name), 'utf8')
        .split('\n')
        .at(-2)
    return line ? (JSON.parse(line) as { offset: number }).offset : 0
  } catch {
    return 0
  }
}

/** Takes from the watch what it knows of its file. */
function forgetProgress(folder: string): void {
  const work = join(folder, 'work')
  for (const name of existsSync(work) ? readdirSync(work) : [])
    if (name.endsWith('.progress.ndjson')) rmSync(join(work, name))
}

/** What the watch wrote beside the files that it was done with, by their names. */
function readDone(folder: string): Map<string, FileResult> {
  const done = join(folder, 'done')
  if (!existsSync(done)) return new Map()
  const reports = readdirSync(done).filter((one) => one.endsWith('.json'))
  const results = reports.map((one) => JSON.parse(readFileSync(join(done, one), 'utf8')) as FileResult)
  return new Map(results.map((result) => [result.name, result]))
}

interface Attack {
  lines: number
  kills: number
  mutant?: MutantName
  /** What else happens to the watch's folder at each kill. */
  afterKill?(folder: string): void
}

/** The watch of a dropped file is killed at random bytes of it and started again; then its lines come once more, in a file of other bytes. */
async function attack(bench: Bench, { lines, kills, mutant, afterKill }: Attack): Promise<Figure> {
  const { pool, url: databaseUrl } = await openDatabase(bench)
  if (mutant) await pool.query('alter table transactions drop constraint transactions_pkey cascade')
  const api = await startHub(bench, { name: 'api', databaseUrl, roles: ['api'], mutant })
  const folder = join(bench.directory, 'drop')
  mkdirSync(folder)
  const text = Array.from({ length: lines }, (_, index) => `${JSON.stringify(makeSale(index + 1))}\n`).join('')
  writeFileSync(join(folder, 'day.ndjson'), text)
  const environment = { TILLFLOW_TOKEN: await createBenchToken(pool) }
  const flags = ['--to', api.ready.address ?? '', '--stable', '0', '--interval', '0.1', '--json']
  const args = [mainScript, 'watch', folder, ...flags]
  const offsets: number[] = []
  for (let kill = 0; kill < kills; kill += 1) {
    const watch = new Program(bench, { name: `watch-${kill}`, args, environment, readyAtOnce: true })
    await watch.start()
    const wanted = (text.length * kill) / kills
    await comesTrue(() => offsetIn(folder) >= wanted, 20_000, 3)
    await sleep(bench.dice.between(0, kill === 0 ? 1_500 : 200))
    await watch.kill()
    offsets.push(offsetIn(folder))
    afterKill?.(folder)
  }
  const rest = new Program(bench, { name: 'watch-rest', args: [...args, '--once'], environment, readyAtOnce: true })
  await rest.start()
  const exitCode = await rest.ended()
  const first = await countReceipts(pool)
  // The very same file would be known by its hash, and nothing of it sent.
  writeFileSync(join(folder, 'again.ndjson'), `${text}\n`)
  await rest.start()
  const exitCodeAgain = await rest.ended()
  const done = readDone(folder)
  const [day, again] = [done.get('day.ndjson'), done.get('again.ndjson')]
  const { receipts, keys } = await countReceipts(pool)
  const sentAgain = day?.duplicates ?? 0
  const inside = offsets.filter((offset) => offset > 0 && offset < text.length).length
  return makeFigure({
    runs: kills,
    text: `${kills} kills in a file of ${lines} lines, ${inside} of them inside it, ${sentAgain} lines sent again by that, and all ${again?.duplicates ?? 0} once more: ${keys} of ${lines} lines recorded, ${receipts - keys} doubled`,
    broken: {
      'a kill had lines recorded twice': first.receipts > first.keys,
      'lines that came again were recorded twice': receipts - keys > first.receipts - first.keys,
      'lines are missing': first.keys < lines,
      'more was sent again than was on the line': sentAgain > kills * partLimits.slicesMax,
      'the watch did not end well': exitCode !== 0 || exitCodeAgain !== 0,
      'the reports do not say what became of the lines':
        (day?.recorded ?? 0) + (day?.duplicates ?? 0) !== lines || again?.duplicates !== lines,
    },
    blind: { 'no kill struck inside the file': inside === 0 },
  })
}

async function countReceipts(pool: Pool): Promise<{ receipts: number; keys: number }> {
  const { rows } = await pool.query<{ receipts: number; keys: number }>(
    'select count(*)::int as receipts, count(distinct transaction_key)::int as keys from transactions',
  )
  return rows[0] ?? { receipts: 0, keys: 0 }
}

export const resume: Invariant = {
  id: 'I20',
  promise: 'A file whose upload is killed at any byte, or that comes twice, is recorded line by line once',
  controlBreaks: [
    'a kill had lines recorded twice',
    'lines that came again were recorded twice',
    'more was sent again than was on the line',
  ],
  run: (bench) =>
    attack(bench, bench.choose({ quick: { lines: 8_000, kills: 8 }, nightly: { lines: 200_000, kills: 30 } })),
  control: (bench) =>
    attackInParts(bench, {
      // The sender goes on where it was; that it may repeat a part is harmless only where an identity is known again.
      'forgetful-hub': (part) => attack(part, { lines: 2_000, kills: 3, mutant: 'forget-identity' }),
      'forgetful-watch': (part) => attack(part, { lines: 6_000, kills: 3, afterKill: forgetProgress }),
    }),
}
