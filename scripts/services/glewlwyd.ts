import { cp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chooseFreePort } from '../../src/database/embedded/free-port.ts'
import { ensurePackages, findMissing } from './apt.ts'
import { findDetached, lastPort, stopDetached } from './detached-process.ts'
import { serviceDirectory } from './directories.ts'
import { runProgram } from './run-program.ts'
import type { Service } from './service.ts'
import { answersOk, startServer } from './start-server.ts'

/** The last one keeps Debian from setting up a database of its own. */
const packages = ['glewlwyd', 'glewlwyd-common', 'sqlite3', 'dbconfig-sqlite3']
const template = join(import.meta.dirname, '../../test/peers/glewlwyd/glewlwyd.conf')
const schema = '/usr/share/dbconfig-common/data/glewlwyd/install/sqlite3'
/** Debian's package puts a directory where its pages look for this file. */
const pages = { from: '/usr/share/glewlwyd/webapp', configuration: '/etc/glewlwyd/config-2.7.json/config.json' }
const user = 'admin'
/** The one that the schema brings: of a Glewlwyd that listens on loopback and knows invented people only. */
const password = 'password'
const startTimeoutMs = 30_000

/** Glewlwyd from Debian: an identity provider in C. Each test makes an OpenID Connect instance and people of its own in it. */
export const glewlwyd: Service = {
  name: 'glewlwyd',
  title: 'Glewlwyd, an identity provider',
  needs: [],
  async install() {
    await ensurePackages(packages)
    await makeDatabase()
  },
  async up() {
    await glewlwyd.install()
    const files = await filesOfServer()
    if (await findDetached(files.runFile)) return
    const port = await chooseFreePort(await lastPort(files.runFile))
    const url = `http://127.0.0.1:${port}`
    await copyPages(files.pages)
    await configure(files, port)
    await startServer({
      ...{ title: 'Glewlwyd', program: 'glewlwyd', args: ['-c', files.configuration], port, startTimeoutMs },
      ...{ logFile: files.logFile, runFile: files.runFile },
      answers: () => answersOk(`${url}/config`),
    })
  },
  async down() {
    await stopDetached((await filesOfServer()).runFile)
  },
  async status() {
    if ((await findMissing(packages)).length > 0) return { state: 'not-installed' }
    const running = await findDetached((await filesOfServer()).runFile)
    if (running === undefined) return { state: 'down' }
    return { state: 'up', address: { url: `http://127.0.0.1:${running.port}`, user, password } }
  },
}

async function filesOfServer() {
  const at = join(await serviceDirectory('glewlwyd'), 'server')
  return {
    configuration: `${at}.conf`,
    database: `${at}.db`,
    pages: `${at}-pages`,
    logFile: `${at}.log`,
    runFile: `${at}.json`,
  }
}

async function configure(
  files: { configuration: string; database: string; pages: string },
  port: number,
): Promise<void> {
  const text = (await readFile(template, 'utf8'))
    .replaceAll('@port@', String(port))
    .replace('@database@', files.database)
    .replace('@pages@', files.pages)
  await writeFile(files.configuration, text, { mode: 0o600 })
}

async function copyPages(directory: string): Promise<void> {
  const configuration = join(pages.from, 'config.json')
  await cp(pages.from, directory, { recursive: true, dereference: true, filter: (from) => from !== configuration })
  await cp(pages.configuration, join(directory, 'config.json'))
}

/** Made under another name and renamed when it is whole. */
async function makeDatabase(): Promise<void> {
  const { database } = await filesOfServer()
  const isThere = await stat(database).then(
    () => true,
    () => false,
  )
  if (isThere) return
  const unfinished = `${database}.unfinished`
  await rm(unfinished, { force: true })
  const made = await runProgram('sqlite3', ['-bail', unfinished, `.read ${schema}`], { timeoutMs: 30_000 })
  if (!made.ok) throw new Error(`Glewlwyd's database could not be made: ${made.lastWords}`)
  await rename(unfinished, database)
}
