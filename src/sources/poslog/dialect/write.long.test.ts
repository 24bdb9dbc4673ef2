import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../../contract/source.ts'
import { validateTransaction } from '../../../contract/transaction-schema.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { arbitraryTransaction } from '../../../testing/arbitrary-transaction.ts'
import { makeSale, testStore } from '../../../testing/receipts.ts'
import { readAll } from '../../../testing/source/read-all.ts'
import { poslog } from '../source.ts'
import { writer } from './write.ts'

const context: ReadContext = { store: (businessUnitId) => ({ ...testStore, businessUnitId }) }

/** What is read of a document: transactions, and what went wrong in words. */
async function readBack(document: string): Promise<unknown[]> {
  const { results, problem } = await readAll(poslog, [Buffer.from(document)], context)
  if (problem) throw problem
  return results.map((result) => (result.kind === 'transaction' ? result.transaction : result))
}

const write = (...transactions: Transaction[]) => writer.writeDocument(transactions, context)

describe('whatever the model holds', () => {
  it('is read as it was written', async () => {
    await fc.assert(
      fc.asyncProperty(arbitraryTransaction(), async (transaction) => {
        expect(validateTransaction(structuredClone(transaction))).toMatchObject({ valid: true })
        expect(writer.canWrite(transaction)).toBe(true)
        expect(await readBack(write(transaction))).toEqual([transaction])
      }),
      { numRuns: 400 },
    )
  }, 120_000)
})

describe('what no document can hold', () => {
  it.each<[string, Partial<Transaction>]>([
    ['U+0000', { receiptNumber: 'a\0b' }],
    ['half a surrogate pair', { receiptNumber: 'a\ud800' }],
    ['U+0000 in an extension', { extensions: { a: ['b\0'] } }],
    ['half a surrogate pair in an extension', { extensions: { '\udc00': 1 } }],
    ['an extension that JSON readers understand differently', { extensions: { a: 1e300 } }],
  ])('is not written, and says so: %s', (_, changes) => {
    const transaction = makeSale(7, changes)
    expect(writer.canWrite(transaction)).toBe(false)
    expect(() => write(transaction)).toThrow(RangeError)
  })
})
