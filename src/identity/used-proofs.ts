import type { Pool } from 'pg'
import type { Clock } from '../contract/clock.ts'
import { isProblem, Problem } from '../contract/problem.ts'
import { GroupedCalls } from '../database/grouped-calls.ts'
import { deleteOldProofs, insertProofs, type UsedProof } from './used-proofs-queries.ts'

/** The proofs of possession that all processes have taken together. */
export interface UsedProofs {
  /** Notes one. False: it was noted before. Throws Problem `temporary-reduced-capacity` where it cannot be noted in time. */
  use(proof: UsedProof): Promise<boolean>
  /** Resolves when nothing is on its way. */
  close(): Promise<void>
}

export interface UsedProofsOptions {
  /** Proofs that wait; beyond it their requests are told so. */
  queueMax: number
  answerWithinMs: number
  clock: Clock
}

const groupSizeMax = 1_000
/** Nonces are taken for some three minutes; clocks of processes may differ by the rest. */
const keptMinutes = 10

/**
 * Proofs that come at the same time are noted by one statement, and one statement at a time: a busy process asks in large groups, and waits
 * for no disk. A proof that could not be noted is not taken; the client makes a new one.
 */
export function createUsedProofs(db: Pool, { queueMax, answerWithinMs, clock }: UsedProofsOptions): UsedProofs {
  const calls = new GroupedCalls<UsedProof, boolean>((proofs) => noteProofs(db, proofs), {
    ...{ groupSizeMax, groupsInFlightMax: 1, queueMax, answerWithinMs, clock },
  })
  return {
    close: () => calls.settled(),
    use: async (proof) => {
      try {
        return await calls.add(proof, proof.hash.toString('latin1'))
      } catch (error) {
        throw isProblem(error) ? error : new Problem('temporary-reduced-capacity', undefined, { cause: error })
      }
    },
  }
}

/** Says of each whether it is the first. Sorted, so that two processes that note the same do not wait for one another. */
async function noteProofs(db: Pool, proofs: readonly UsedProof[]): Promise<boolean[]> {
  const sorted = proofs.toSorted((left, right) => left.nonceMinute - right.nonceMinute || left.hash.compare(right.hash))
  const first = new Set((await insertProofs(db, sorted)).map((hash) => hash.toString('latin1')))
  // What is twice in one group is the first once.
  return proofs.map(({ hash }) => first.delete(hash.toString('latin1')))
}

/** Deletes what has ended; resolves with how many rows went. */
export async function pruneUsedProofs(db: Pool, rowsMax: number): Promise<number> {
  return deleteOldProofs(db, keptMinutes, rowsMax)
}
