import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { makeSale } from '../../src/testing/receipts.ts'
import type { Bench } from '../bench/bench.ts'
import { openDatabase } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, startHub } from '../bench/hub.ts'
import { Program } from '../bench/program.ts'
import { comesTrue, sleep } from '../bench/wait.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const mainScript = join(import.meta.dirname, '../../src/main.ts')
/** Lines that the watch sends together: what a kill may cause to be sent again. */
const partLines = 500

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

/** The watch of a dropped file is killed at random bytes of it and started again; then the same file is dropped once more. */
async function attack(bench: Bench, lines: number, kills: number, mutant?: MutantName): Promise<Figure> {
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
  }
  const rest = new Program(bench, { name: 'watch-rest', args: [...args, '--once'], environment, readyAtOnce: true })
  await rest.start()
  const exitCode = await rest.ended()
  writeFileSync(join(folder, 'again.ndjson'), text)
  await rest.start()
  await rest.ended()
  const { rows } = await pool.query<{ receipts: number; keys: number }>(
    'select count(*)::int as receipts, count(distinct transaction_key)::int as keys from transactions',
  )
  const { receipts = 0, keys = 0 } = rows[0] ?? {}
  const inside = offsets.filter((offset) => offset > 0 && offset < text.length).length
  const backwards = offsets.some((offset, index) => offset < (offsets[index - 1] ?? 0))
  return makeFigure({
    runs: kills,
    text: `${kills} kills in a file of ${lines} lines, ${inside} of them inside it, and the same file twice: ${keys} of ${lines} lines recorded, ${receipts - keys} doubled, at most ${partLines} lines sent again for each kill`,
    broken: {
      'lines are recorded twice': receipts > keys,
      'lines are missing': keys < lines,
      'the watch began again': backwards,
      'the watch did not end well': exitCode !== 0,
    },
    blind: { 'no kill struck inside the file': inside === 0 },
  })
}

export const resume: Invariant = {
  id: 'I20',
  promise: 'A file whose upload is killed at any byte, or that comes twice, is recorded line by line once',
  controlBreaks: ['lines are recorded twice'],
  run: (bench) => bench.choose({ quick: () => attack(bench, 8_000, 8), nightly: () => attack(bench, 200_000, 30) })(),
  // The sender goes on where it was; that it may repeat a part is harmless only where an identity is known again.
  control: (bench) => attack(bench, 2_000, 3, 'forget-identity'),
}
