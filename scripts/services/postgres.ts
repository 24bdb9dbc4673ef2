import pg from 'pg'
import { silentLogger } from '../../src/contract/logger.ts'
import { startEmbeddedPostgres } from '../../src/database/embedded/embedded-postgres.ts'
import { findEmbeddedPostgres } from '../../src/database/embedded/run-file.ts'
import { stopLeftPostgres } from '../../src/database/embedded/stop-left.ts'
import { serviceDirectory } from './directories.ts'
import type { Service } from './service.ts'

/** The PostgreSQL that came with npm, with a cluster of its own for the systems that we test against. */
export const postgres: Service = {
  name: 'postgres',
  title: 'PostgreSQL for peers',
  needs: [],
  install: async () => {},
  async up() {
    const dataDirectory = await serviceDirectory('postgres')
    const { url } = await startEmbeddedPostgres({ dataDirectory, logger: silentLogger })
    await forgetOnPowerLoss(url)
  },
  async down() {
    await stopLeftPostgres(await serviceDirectory('postgres'))
  },
  async status() {
    const url = await findEmbeddedPostgres(await serviceDirectory('postgres'))
    return url === undefined ? { state: 'down' } : { state: 'up', address: { url } }
  },
}

/** URL of a database in the running cluster. Throws when it does not run. */
export async function postgresUrl(database: string): Promise<string> {
  const { address } = await postgres.status()
  if (address?.url === undefined) throw new Error('the service postgres is not up')
  const url = new URL(address.url)
  url.pathname = `/${database}`
  return url.href
}

/** Runs statements that cannot be in a transaction, such as making a database from a template. */
export async function administer<Result>(work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: await postgresUrl('postgres') })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Nothing in here is anybody's data: a peer's schema is made in a third of the time, and made anew if the power fails. */
async function forgetOnPowerLoss(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<{ fsync: string }>('show fsync')
    if (rows[0]?.fsync === 'off') return
    await client.query('alter system set fsync = off')
    await client.query('alter system set synchronous_commit = off')
    await client.query('alter system set full_page_writes = off')
    await client.query('select pg_reload_conf()')
  } finally {
    await client.end()
  }
}
