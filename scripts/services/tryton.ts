import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseFreePort } from '../../src/database/embedded/free-port.ts'
import recipe from '../../test/peers/tryton/recipe.json' with { type: 'json' }
import { setUpCompany } from '../../test/peers/tryton/set-up-company.ts'
import { ensurePackages, findMissing, readVersions } from './apt.ts'
import { findDetached, forgetDetached, lastPort, stopDetached } from './detached-process.ts'
import { serviceDirectory } from './directories.ts'
import { administer, postgresUrl } from './postgres.ts'
import { runProgram } from './run-program.ts'
import type { Service } from './service.ts'
import { answersOk, startServer } from './start-server.ts'

const peerDirectory = join(import.meta.dirname, '../../test/peers/tryton')
const user = 'admin'
/** Of a Tryton that listens on loopback, holds invented receipts, and is gone with its directory. */
const password = 'admin'
const schemaTimeoutMs = 600_000
const startTimeoutMs = 60_000

/** Tryton 6.0 from Debian: a real ERP. Its schema is made once and kept as a template that databases are copied from. */
export const tryton: Service = {
  name: 'tryton',
  title: 'Tryton, a real ERP',
  needs: ['postgres'],
  async install() {
    await ensurePackages(recipe.packages)
    await ensureTemplate()
  },
  async up() {
    await tryton.install()
    const files = await filesOfServer('server')
    if (await findDetached(files.run)) return
    await startTryton(files)
  },
  async down() {
    const files = await filesOfServer('server')
    await stopDetached(files.run)
  },
  async status() {
    if ((await findMissing(recipe.packages)).length > 0) return { state: 'not-installed' }
    const running = await findDetached((await filesOfServer('server')).run)
    if (running === undefined) return { state: 'down' }
    const template = await templateName()
    return { state: 'up', address: { url: `http://127.0.0.1:${running.port}`, user, password, template } }
  },
}

interface ServerFiles {
  configuration: string
  log: string
  run: string
}

async function filesOfServer(name: string): Promise<ServerFiles> {
  const at = join(await serviceDirectory('tryton'), name)
  return { configuration: `${at}.conf`, log: `${at}.log`, run: `${at}.json` }
}

/** Starts a server for every database of the cluster; it loads one when it is first asked for. */
async function startTryton(files: ServerFiles): Promise<{ url: string }> {
  const port = await chooseFreePort(await lastPort(files.run))
  await writeConfiguration(files.configuration, port)
  const url = `http://127.0.0.1:${port}`
  const body = JSON.stringify({ id: 1, method: 'common.server.version', params: [] })
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body }
  await startServer({
    title: 'Tryton',
    program: 'trytond',
    args: ['-c', files.configuration],
    port,
    logFile: files.log,
    runFile: files.run,
    answers: () => answersOk(`${url}/`, request),
    startTimeoutMs,
  })
  return { url }
}

async function writeConfiguration(file: string, port: number): Promise<void> {
  const text = await readFile(join(peerDirectory, 'trytond.conf'), 'utf8')
  const server = new URL(await postgresUrl(''))
  server.protocol = 'postgresql:'
  await writeFile(file, text.replace('@uri@', server.href).replace('@port@', String(port)), { mode: 0o600 })
}

/** Named by everything that it is made from, so that another version or another recipe makes another template. */
async function templateName(): Promise<string> {
  const hash = createHash('sha256').update(await schemaName())
  for (const name of ['recipe.json', 'set-up-company.ts']) hash.update(await readFile(join(peerDirectory, name)))
  return `tryton_company_${hash.digest('hex').slice(0, 12)}`
}

/** The schema alone takes minutes, so that it has a template of its own below the company's. */
async function schemaName(): Promise<string> {
  const madeFrom = [await readVersions(recipe.packages), ...recipe.modules]
  return `tryton_schema_${createHash('sha256').update(madeFrom.join()).digest('hex').slice(0, 12)}`
}

async function ensureTemplate(): Promise<void> {
  const [schema, company] = [await schemaName(), await templateName()]
  const files = await filesOfServer('template')
  await makeOnce(company, async (database) => {
    await makeOnce(schema, async (bare) => {
      await administer((client) => client.query(`create database ${bare}`))
      await createSchema(bare, files)
    })
    await administer((client) => client.query(`create database ${database} template ${schema}`))
    const { url } = await startTryton(files)
    try {
      await setUpCompany({ url, database, user, password })
    } finally {
      await stopDetached(files.run)
      await forgetDetached(files.run)
    }
  })
}

/** Makes a database under another name and renames it when it is whole, so that an interrupted start leaves none that looks usable. */
async function makeOnce(name: string, make: (unfinished: string) => Promise<void>): Promise<void> {
  const isThere = await administer(
    async (client) => (await client.query('select from pg_database where datname = $1', [name])).rowCount === 1,
  )
  if (isThere) return
  const unfinished = `${name}_unfinished`
  await administer((client) => client.query(`drop database if exists ${unfinished} with (force)`))
  await make(unfinished)
  await administer((client) => client.query(`alter database ${unfinished} rename to ${name}`))
}

async function createSchema(database: string, files: ServerFiles): Promise<void> {
  await writeConfiguration(files.configuration, 0)
  const passwordFile = join(await serviceDirectory('tryton'), 'admin-password')
  await writeFile(passwordFile, password, { mode: 0o600 })
  const options = ['--activate-dependencies', '--email', 'admin@example.com']
  const args = ['-c', files.configuration, '-d', database, '-u', 'ir', 'res', ...recipe.modules, ...options]
  const created = await runProgram('trytond-admin', args, {
    env: { TRYTONPASSFILE: passwordFile },
    timeoutMs: schemaTimeoutMs,
  })
  if (!created.ok) throw new Error(`Tryton's schema could not be made: ${created.lastWords}`)
}
