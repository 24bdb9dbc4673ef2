import { mkdir, writeFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import type { Pool } from 'pg'
import { silentLogger } from '../contract/logger.ts'
import { findEmbeddedPostgres } from '../database/embedded/run-file.ts'
import { createPool } from '../database/pool.ts'
import type { StoreProfile } from '../domain/store.ts'
import { createToken } from '../http/auth/token-store.ts'
import { Child } from './child.ts'
import type { DemoOptions } from './demo-options.ts'
import { freePort } from './free-port.ts'

// `.ts` in the repository, `.js` in the package.
const mainScript = join(import.meta.dirname, `../main${extname(import.meta.filename)}`)

export interface DemoHub {
  child: Child
  url: string
  token: string
  /** For looking only. A database that was killed may come back at another port, where somebody else took its own meanwhile. */
  findPool(): Promise<Pool>
  settingsFile: string
  databaseUrl: string
}

/** Starts the hub as a process of its own, on its own embedded database, and makes a token for the tills. */
export async function startDemoHub(
  options: DemoOptions,
  stores: readonly StoreProfile[],
  targets: readonly object[],
  busSettings: Readonly<Record<string, unknown>> = {},
): Promise<DemoHub> {
  const dataDirectory = join(options.dataDirectory, 'hub')
  const settingsFile = join(options.dataDirectory, 'tillflow.json')
  await mkdir(dataDirectory, { recursive: true })
  const settings = {
    dataDirectory,
    httpPort: options.port === 0 ? await freePort() : options.port,
    deliveryProcessesCount: options.workers,
    // Short leases and waits: in a demo nobody wants to look at a clock.
    deliveryLeaseMs: 4_000,
    deliveryAttemptTimeoutMs: 2_000,
    deliveryBackoffBaseMs: 100,
    deliveryBackoffMaxMs: 5_000,
    deliveryWaitDeadlineMs: 5_000,
    ...busSettings,
    stores,
    targets,
  }
  await writeFile(settingsFile, `${JSON.stringify(settings, null, 2)}\n`, { mode: 0o600 })
  const { child, ready } = await Child.start<{ address?: string }>({
    name: 'hub',
    args: [mainScript, 'start'],
    environment: { TILLFLOW_SETTINGS_FILE: settingsFile },
    logFile: join(options.dataDirectory, 'hub.log'),
    readyWithinMs: 120_000,
  })
  const databaseUrl = await findEmbeddedPostgres(dataDirectory)
  if (databaseUrl === undefined || ready.address === undefined)
    throw new Error(`the hub has no address or no database; see ${options.dataDirectory}/hub.log`)
  const open = (url: string) => createPool({ url, sizeMax: 3, applicationName: 'tillflow-demo', logger: silentLogger })
  let at = { url: databaseUrl, pool: open(databaseUrl) }
  const findPool = async () => {
    const url = (await findEmbeddedPostgres(dataDirectory).catch(() => undefined)) ?? at.url
    if (url !== at.url) {
      void at.pool.end().catch(() => {})
      at = { url, pool: open(url) }
    }
    return at.pool
  }
  const { token } = await createToken(at.pool, { name: 'demo', scopes: ['transactions:write', 'admin:read'] })
  return { child, url: ready.address, token, findPool, settingsFile, databaseUrl }
}
