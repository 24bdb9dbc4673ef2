import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { administer, postgresUrl } from '../../../scripts/services/postgres.ts'
import { requireService } from '../require-service.ts'
import { takeTurn } from './take-turn.ts'
import { openTrytonApi, type TrytonAddress, type TrytonApi } from './tryton-api.ts'

/** A company of its own in a real Tryton: nobody else's receipts are in it. */
export interface OpenTryton {
  address: TrytonAddress
  /** Independent of the connector: what Tryton itself says. */
  api: TrytonApi
  /** Ends every session, as Tryton does after a time without calls; the api is then logged out too. */
  endSessions(): Promise<void>
  drop(): Promise<void>
}

/** Where Tryton is, once it is this test file's turn; undefined where this machine cannot have it. */
export async function requireTryton(): Promise<Record<string, string> | undefined> {
  const service = await requireService('tryton')
  if (service) await takeTurn()
  return service
}

/** A fresh copy of the company that was set up once; undefined where this machine cannot have Tryton. */
export async function openTryton(): Promise<OpenTryton | undefined> {
  const service = await requireTryton()
  const { url, user, password, template } = service ?? {}
  if (url === undefined || user === undefined || password === undefined) return undefined
  const database = `tryton_test_${randomBytes(6).toString('hex')}`
  await administer((client) => client.query(`create database ${database} template ${template}`))
  const address = { url, database, user, password }
  const api = await openTrytonApi(address)
  const users = await api.searchRead('res.user', [['login', '=', user]], ['company'])
  api.context = { company: users[0]?.company }
  return {
    address,
    api,
    endSessions: async () => {
      const client = new pg.Client({ connectionString: await postgresUrl(database) })
      await client.connect()
      await client.query('delete from ir_session').finally(() => client.end())
      Object.assign(api, await openTrytonApi(address), { context: api.context })
    },
    drop: async () => {
      await administer((client) => client.query(`drop database if exists ${database} with (force)`))
    },
  }
}
