import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { Child } from './child.ts'
import { freePort } from './free-port.ts'
import type { ReceiverLog } from './reckon.ts'

const backOffice = join(import.meta.dirname, '../simulator/back-office')

/** The systems that must know: an ERP, a web shop behind a webhook, an archive of files. */
export interface Receivers {
  children: Child[]
  /** Targets for the settings of the hub. */
  targets: object[]
  /** Reads what each of them recorded itself. */
  readLogs(): Promise<ReceiverLog[]>
}

export async function startReceivers(dataDirectory: string): Promise<Receivers> {
  const directory = (name: string) => join(dataDirectory, name)
  const secret = `whsec_${randomBytes(24).toString('base64')}`
  const [erp, shop] = await startAll([
    startOne('erp', 'reference-erp', directory('erp'), ['--idempotent', 'true', '--unknown-original', 'book']),
    startOne('shop', 'webhook-receiver', directory('shop'), ['--key', secret]),
  ])
  const archive = directory('archive')
  // A till may forget the number of a sale that comes back later; its return must not wait for ever.
  const whenOriginalMissing = 'deliver'
  return {
    children: [erp.child, shop.child],
    targets: [
      {
        name: 'erp',
        whenOriginalMissing,
        connector: 'reference-erp',
        allowPrivateNetwork: true,
        settings: { url: `http://127.0.0.1:${erp.port}`, idempotent: true },
      },
      {
        name: 'shop',
        whenOriginalMissing,
        connector: 'webhook',
        allowPrivateNetwork: true,
        settings: { url: `http://127.0.0.1:${shop.port}/`, signature: 'hmac', secret },
      },
      { name: 'archive', whenOriginalMissing, connector: 'file', settings: { directory: archive, format: 'ndjson' } },
    ],
    readLogs: async () => [
      { name: 'erp', effects: await readEffects(join(directory('erp'), 'effects.ndjson')) },
      { name: 'shop', effects: await readEffects(join(directory('shop'), 'effects.ndjson')) },
      { name: 'archive', effects: await listArchive(archive) },
    ],
  }
}

/** Both or none: one that started is stopped when the other did not. */
async function startAll(starting: readonly [Promise<Started>, Promise<Started>]): Promise<[Started, Started]> {
  try {
    return await Promise.all(starting)
  } catch (error) {
    for (const one of await Promise.allSettled(starting)) if (one.status === 'fulfilled') await one.value.child.stop()
    throw error
  }
}

interface Started {
  child: Child
  port: number
}

/** A receiver keeps its port over restarts: its address is in the hub's settings. */
async function startOne(name: string, folder: string, directory: string, args: readonly string[]): Promise<Started> {
  const port = await freePort()
  const script = join(backOffice, folder, `main${extname(import.meta.filename)}`)
  const { child } = await Child.start({
    name,
    args: [script, '--port', String(port), '--data-directory', directory, ...args],
    logFile: `${directory}.log`,
  })
  return { child, port }
}

/** The event ids of a receiver's log, as often as they stand there. */
async function readEffects(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return text.split('\n').flatMap((line) => {
    if (line === '') return []
    try {
      const { eventId, idempotencyKey } = JSON.parse(line) as { eventId?: string; idempotencyKey?: string }
      return [eventId ?? idempotencyKey ?? 'unnamed']
    } catch {
      return []
    }
  })
}

/** A file of the archive is named by its event. */
async function listArchive(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => [])
  return entries.flatMap((entry) => {
    const match = entry.isFile() ? /^([0-9a-f-]{36})\.(ndjson|csv)$/.exec(entry.name) : null
    return match?.[1] === undefined ? [] : [match[1]]
  })
}
