import type { demoBuses } from './bus/find-broker.ts'

/** How large and how rough a demo is. */
export interface DemoOptions {
  dataDirectory: string
  port: number
  stores: number
  tills: number
  /** Receipts of each till's day. */
  receipts: number
  seed: number
  faults: boolean
  /** Times that a hub, a worker or the database is killed with SIGKILL during the run. */
  kills: number
  /** Processes of their own for delivery. */
  workers: number
  pauseMs: number
  /** Where events are published besides; `none`: nowhere. */
  bus: (typeof demoBuses)[number]
  /** Of a broker that is there; undefined: one is looked for, and started. */
  busUrl: string | undefined
  once: boolean
  json: boolean
  files: readonly string[]
}
