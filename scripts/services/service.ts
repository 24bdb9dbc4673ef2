/** Something that tests and benchmarks need on this machine: a database, a broker, a real ERP. One file each, with this shape. */
export interface Service {
  name: string
  title: string
  /** Services that must be up before this one. */
  needs: readonly string[]
  /** Brings everything onto this machine that is not there yet. Throws `ServiceMissing`. */
  install(): Promise<void>
  /** Starts it on loopback, or leaves it as it is when it already runs. */
  up(): Promise<void>
  /** Stops what `up` started, if it still runs. */
  down(): Promise<void>
  status(): Promise<ServiceStatus>
}

export interface ServiceStatus {
  state: 'up' | 'down' | 'not-installed'
  /** How to reach it: URLs, names, and files that hold passwords. There while it is up. */
  address?: Record<string, string>
}

/** This machine lacks something that the service needs and that could not be brought here; the message says what a person can do. */
export class ServiceMissing extends Error {
  override readonly name = 'ServiceMissing'
}
