import type { Bus } from '../../contract/bus.ts'

export interface BusConformance {
  /** Opens a bus; several that are open at once behave like several processes. */
  open(): Promise<Bus>
  /** How a process of its own, which is killed, opens the same bus. */
  inChild: BusInChild
  /** A body that is longer than the broker takes. */
  refusedBodyBytes: number
  /** Restarts the broker, and resolves when it has begun to answer again. Where it cannot be done the test says so. */
  restart?(): Promise<void>
  /** The longest wait for messages: also until what a killed consumer had goes to another one. Default: a minute. */
  patienceMs?: number
  /** Rounds of twenty concurrent publishes. Default: 25. */
  roundsCount?: number
}

export interface BusInChild {
  /** Exports `factory`, which gives a bus for `options`, at once or later. */
  module: URL
  factory: string
  /** Survives JSON. */
  options: unknown
}
