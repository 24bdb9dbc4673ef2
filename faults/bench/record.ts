import { createSecretKey } from 'node:crypto'
import type { Pool } from 'pg'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import type { Answer } from '../../src/intake/answer.ts'
import { createIntake } from '../../src/intake/create-intake.ts'
import type { Intake, Upload } from '../../src/intake/intake.ts'
import { createPostgresIntakeStore } from '../../src/intake/postgres-store.ts'
import { openVault } from '../../src/privacy/encryption/open-vault.ts'
import { testStore } from '../../src/testing/receipts.ts'
import { masterKey } from './hub.ts'

/** The hub's own intake inside the bench, for runs that are about what comes after it. */
export async function openIntake(pool: Pool): Promise<Intake> {
  const vault = await openVault({ pool, masterKey: createSecretKey(masterKey, 'hex'), logger: silentLogger })
  return createIntake({
    store: createPostgresIntakeStore(pool, vault),
    clock: systemClock,
    profileOf: (businessUnitId) => ({ ...testStore, businessUnitId }),
    groupSizeMax: 256,
    groupsInFlightMax: 2,
    queueMax: 1_000_000,
  })
}

export function uploadOf(transaction: Transaction): Upload {
  const bytes = Buffer.from(JSON.stringify(transaction))
  return {
    source: 'tillflow',
    senderId: 'bench',
    fidelity: 'verbatim',
    result: { kind: 'transaction', transaction, findings: [], unknownValues: [], bytes },
  }
}

/** Records receipts in this order, each till's in its own. Throws unless every one is recorded. */
export async function recordAll(pool: Pool, transactions: readonly Transaction[]): Promise<Answer[]> {
  const intake = await openIntake(pool)
  const answers = await intake.recordAll(transactions.map(uploadOf))
  return answers.map((answer) => {
    if (answer instanceof Error) throw answer
    return answer
  })
}
