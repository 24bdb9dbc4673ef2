import type { SimulationOptions } from '../simulator/simulation.ts'

/** A run of the simulator, as the command line asked for it. */
export interface SimulateOptions {
  retailer: SimulationOptions['retailer']
  faults: string
  format: string
  to: string | undefined
  token: string | undefined
  /** Times real time; undefined: as fast as possible. */
  speed: number | undefined
  connections: number
  directory: string
  prepare: boolean
  force: boolean
  json: boolean
}
