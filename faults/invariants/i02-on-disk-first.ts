import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startFaultProxy } from '../../src/testing/fault-proxy/fault-proxy.ts'
import { latency } from '../../src/testing/fault-proxy/modes/latency.ts'
import { reset } from '../../src/testing/fault-proxy/modes/reset.ts'
import { sometimes } from '../../src/testing/fault-proxy/modes/sometimes.ts'
import type { Bench } from '../bench/bench.ts'
import { createClient, isAcknowledged } from '../bench/client.ts'
import { type BenchDatabase, openDatabase, openOwnServer, throughPort } from '../bench/database.ts'
import { type Figure, makeFigure } from '../bench/figure.ts'
import { createBenchToken, prepareHub, startHub } from '../bench/hub.ts'
import { ProgramEndedError } from '../bench/program.ts'
import { salesOfTills } from '../bench/receipts.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Invariant } from './invariant.ts'

const unsafe = ['fsync', 'synchronous_commit', 'full_page_writes'] as const

/** Behind a slow and breaking line to the database, every 201 is looked for in the database at the moment at which it comes. */
async function attackAnswers(
  bench: Bench,
  posts: number,
  mutant?: MutantName,
): Promise<{ early: number; told: number; refused: number }> {
  const database = await openDatabase(bench)
  const { hostname: host, port } = new URL(database.url)
  const proxy = await startFaultProxy({ to: { host, port: Number(port) }, seed: bench.seed })
  bench.defer(() => proxy.stop())
  const databaseUrl = throughPort(database.url, proxy.port)
  const api = await startHub(bench, { name: 'api', databaseUrl, roles: ['api'], mutant })
  const client = createClient(bench, { address: api.ready.address ?? '', token: await createBenchToken(database.pool) })
  // Known by its token before the line is bad.
  await client.post(salesOfTills(1, 1, 1_000_000)[0] ?? {})
  const sales = salesOfTills(8, Math.ceil(posts / 8))
  const counts = { early: 0, told: 0, refused: 0 }
  const send = async (till: string) => {
    for (const sale of sales.filter((one) => one.workstationId === till)) {
      const answer = await client.post(sale)
      if (!isAcknowledged(answer)) counts.refused += 1
      else if (await isThere(database, answer.transactionId)) counts.told += 1
      else counts.early += 1
    }
  }
  proxy.use(latency({ fromMs: 10, toMs: 60 }))
  await Promise.all(['1', '2', '3', '4'].map(send))
  proxy.use(sometimes(0.5, reset({ fromMs: 0, toMs: 100 })))
  await Promise.all(['5', '6', '7', '8'].map(send))
  return counts
}

async function isThere({ pool }: BenchDatabase, transactionId: string): Promise<boolean> {
  const { rowCount } = await pool.query('select from transactions where transaction_id = $1', [transactionId])
  return rowCount === 1
}

/** Starts a hub on a server with each unsafe setting; which of them it did not refuse by name. */
async function attackStart(bench: Bench, mutant?: MutantName): Promise<{ tried: number; accepted: string[] }> {
  const { pool, url } = await openOwnServer(bench)
  const accepted: string[] = []
  const start = async (name: string) => {
    const hub = await prepareHub(bench, { name, databaseUrl: url, roles: ['api'], mutant })
    const error = await hub.start().then(
      () => undefined,
      (reason: unknown) => reason,
    )
    const log = await readFile(join(bench.directory, `${name}.log`), 'utf8')
    const refused = error instanceof ProgramEndedError && error.exitCode !== 0 && log.includes('database-unsafe')
    if (!refused) accepted.push(name)
    await hub.kill()
  }
  for (const setting of unsafe) {
    await pool.query(`alter system set ${setting} = off`)
    await pool.query('select pg_reload_conf()')
    await start(setting)
    await pool.query(`alter system reset ${setting}`)
    await pool.query('select pg_reload_conf()')
  }
  await pool.query(`alter database ${new URL(url).pathname.slice(1)} set synchronous_commit = off`)
  await start('synchronous_commit-of-the-database')
  return { tried: unsafe.length + 1, accepted }
}

async function attack(bench: Bench, posts: number, mutant?: MutantName): Promise<Figure> {
  const [starts, { early, told, refused }] = await Promise.all([
    attackStart(bench, mutant),
    attackAnswers(bench, posts, mutant),
  ])
  return makeFigure({
    runs: starts.tried + posts,
    text: `${starts.tried - starts.accepted.length} of ${starts.tried} unsafe databases refused${starts.accepted.map((name) => `, not ${name}`).join('')}; ${told + early} acknowledgements over a slow and breaking line, ${early} before the commit, ${refused} uploads not acknowledged`,
    broken: {
      'a receipt was acknowledged before it was committed': early > 0,
      'a hub started on a database that may lose what it commits': starts.accepted.length > 0,
    },
    blind: { 'nothing was acknowledged': told + early === 0 },
  })
}

export const onDiskFirst: Invariant = {
  id: 'I2',
  promise: 'A 201 leaves after the commit, and no hub starts on a PostgreSQL that is told not to sync it',
  controlBreaks: [
    'a receipt was acknowledged before it was committed',
    'a hub started on a database that may lose what it commits',
  ],
  run: (bench) => attack(bench, bench.choose({ quick: 96, nightly: 4_000 })),
  // It does not look at the settings of its database either.
  control: (bench) => attack(bench, 40, 'answer-before-commit'),
}
