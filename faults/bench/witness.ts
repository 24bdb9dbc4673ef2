import { join } from 'node:path'
import { type GroupLog, openGroupLog, readWholeLog } from '../../src/simulator/back-office/group-log.ts'
import type { Bench } from './bench.ts'

/** What a till was told of one receipt. */
export interface Told {
  transactionKey: string
  transactionId: string
}

/** The tills' own record of every acknowledgement, on disk before the till goes on: nothing the hub says later changes it. */
export interface Witness {
  note(told: Told): Promise<void>
  /** Read again from the file. */
  all(): Promise<Told[]>
}

export async function openWitness(bench: Bench): Promise<Witness> {
  const path = join(bench.directory, 'acknowledged.ndjson')
  const log: GroupLog = await openGroupLog(path)
  bench.defer(() => log.close())
  return {
    note: (told) => log.append(told),
    all: async () => {
      await log.settled()
      return (await readWholeLog(path)) as Told[]
    },
  }
}
