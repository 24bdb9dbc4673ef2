import { randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Pool } from 'pg'
import { freePort } from '../../src/demo/free-port.ts'
import { createToken } from '../../src/http/auth/token-store.ts'
import type { MutantName } from '../controls/mutants.ts'
import type { Bench } from './bench.ts'
import { Program } from './program.ts'

const mainScript = join(import.meta.dirname, '../../src/main.ts')
const mutantScript = join(import.meta.dirname, '../controls/mutant-hub.ts')

/** Of this process of the bench alone, whose databases are dropped at the end; hubs do not start with one that could be guessed. */
export const masterKey = randomBytes(32).toString('hex')

/** Short leases and waits, since a run has seconds, not hours; but longer than a busy machine stalls a process. */
const quickSettings = {
  deliveryLeaseMs: 3_000,
  deliveryAttemptTimeoutMs: 1_000,
  deliveryBatchEventsMax: 250,
  deliveryBackoffBaseMs: 10,
  deliveryBackoffMaxMs: 200,
  deliveryPollMs: 200,
  deliveryAttemptsMax: 1_000,
  logLevel: 'warn',
}

export type HubRole = 'api' | 'delivery' | 'relay' | 'scheduler'

export interface HubOptions {
  name: string
  databaseUrl: string
  roles: readonly HubRole[]
  targets?: readonly object[]
  settings?: Record<string, unknown>
  /** What of the youngest objects, nearly all of them garbage, may lie about until it is collected; default: what Node.js finds right. */
  youngMaxMebibytes?: number
  /** A control: the hub with one part replaced. */
  mutant?: MutantName | undefined
}

/** Starts a hub as users do, as a process of its own; with a mutant, the same parts with one of them replaced. */
export async function startHub(bench: Bench, options: HubOptions): Promise<Program> {
  return (await prepareHub(bench, options)).start()
}

/** A hub that is not started yet. */
export async function prepareHub(bench: Bench, options: HubOptions): Promise<Program> {
  const { name, databaseUrl, roles, targets = [], mutant, youngMaxMebibytes } = options
  const settings = {
    ...quickSettings,
    databaseUrl,
    dataDirectory: bench.directory,
    masterKey,
    roles,
    // Kept over restarts, so that clients find it again.
    httpPort: await freePort(),
    targets,
    ...options.settings,
  }
  const settingsFile = join(bench.directory, `${name}.json`)
  await writeFile(settingsFile, JSON.stringify(settings), { mode: 0o600 })
  return new Program(bench, {
    name,
    args: mutant === undefined ? [mainScript, 'start'] : [mutantScript, mutant],
    environment: {
      TILLFLOW_SETTINGS_FILE: settingsFile,
      ...(youngMaxMebibytes && { NODE_OPTIONS: `--max-semi-space-size=${youngMaxMebibytes}` }),
    },
  })
}

/** A token for every store. */
export async function createBenchToken(pool: Pool): Promise<string> {
  return (await createToken(pool, { name: 'bench', scopes: ['transactions:write', 'admin:read'] })).token
}
