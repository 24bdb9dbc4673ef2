import { join } from 'node:path'
import type { Faults } from '../../src/simulator/back-office/faults.ts'
import { readWholeLog } from '../../src/simulator/back-office/group-log.ts'
import type { BookedDocument } from '../../src/simulator/back-office/reference-erp/books.ts'
import type { Bench } from './bench.ts'
import { Program } from './program.ts'

const script = join(import.meta.dirname, '../../src/simulator/back-office/reference-erp/main.ts')

/** A line of the log of requests. */
export interface LoggedRequest {
  at: string
  method: string
  path: string
  key?: string
}

/** A system that must know: a process of its own, which records every effect on disk before it answers. */
export interface Erp {
  name: string
  url: string
  port: number
  /** Changes what goes wrong in it. */
  setFaults(faults: Partial<Faults>): Promise<void>
  /** What it has booked, in its order; read from its own file. */
  effects(): Promise<BookedDocument[]>
  requests(): Promise<LoggedRequest[]>
  /** How many documents it has booked, by its own word: cheap enough to be asked often. */
  countEffects(): Promise<number>
}

export interface ErpOptions {
  name: string
  idempotent: boolean
  faults?: Partial<Faults>
}

export async function startErp(bench: Bench, { name, idempotent, faults = {} }: ErpOptions): Promise<Erp> {
  const directory = join(bench.directory, name)
  const args = ['--data-directory', directory, '--idempotent', String(idempotent), '--seed', String(bench.seed)]
  const rules = ['--unknown-original', 'book', '--faults', JSON.stringify(faults)]
  const program = await new Program(bench, { name, args: [script, ...args, ...rules] }).start()
  const { port = 0 } = program.ready
  const url = `http://127.0.0.1:${port}`
  return {
    name,
    url,
    port,
    setFaults: async (changes) => {
      const { ok } = await fetch(`${url}/admin/faults`, { method: 'PUT', body: JSON.stringify(changes) })
      if (!ok) throw new Error(`${name} did not take the faults`)
    },
    effects: async () => (await readWholeLog(join(directory, 'effects.ndjson'))) as BookedDocument[],
    countEffects: async () => {
      const counts = (await (await fetch(`${url}/admin/counts`)).json()) as { effects: number }
      return counts.effects
    },
    requests: async () => (await readWholeLog(join(directory, 'requests.ndjson'))) as LoggedRequest[],
  }
}

/** The target of a hub's settings that leads to an ERP, through `port` where a proxy stands before it. */
export function erpTarget(
  erp: Pick<Erp, 'name' | 'port'>,
  options: { idempotent: boolean; port?: number; policy?: object },
): object {
  const { idempotent, port = erp.port, policy = {} } = options
  return {
    name: erp.name,
    connector: 'reference-erp',
    allowPrivateNetwork: true,
    settings: { url: `http://127.0.0.1:${port}`, idempotent },
    ...policy,
  }
}
