import { BusFailure } from '../../contract/bus.ts'
import { isConnectionError } from '../../database/pool.ts'

/** SQLSTATE classes that pass by themselves: deadlock, lock and statement timeouts, no memory, no disk. */
const passing = /^(40|53|55|57)[0-9A-Z]{3}$/

/** What went wrong in the database, in the words of the bus. */
export function toBusFailure(doing: string, error: unknown): BusFailure {
  if (error instanceof BusFailure) return error
  const { code } = error as { code?: unknown }
  const isTransient = isConnectionError(error) || (typeof code === 'string' && passing.test(code))
  return new BusFailure(`${doing}: ${error instanceof Error ? error.message : String(error)}`, {
    isTransient,
    cause: error,
  })
}
