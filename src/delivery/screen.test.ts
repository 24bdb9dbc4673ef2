import { describe, expect, it } from 'vitest'
import type { TransactionType } from '../domain/transaction/codes.ts'
import { makeSale } from '../testing/receipts.ts'
import { screen } from './screen.ts'

const stock: TransactionType[] = ['INVENTORY_COUNT', 'INVENTORY_POSITION', 'INVENTORY_ADJUSTMENT', 'INVENTORY_TRANSFER']

describe('what is known of stock', () => {
  it.each(stock)('%s is not for the books', (transactionType) => {
    expect(screen(makeSale(1, { transactionType }), [], { holdFindings: 'none' })).toEqual({
      state: 'skipped',
      reason: transactionType.toLowerCase().replaceAll('_', ' '),
    })
  })

  it('reaches a target that asks for it', () => {
    const policy = { holdFindings: 'none', transactionTypes: stock } as const
    expect(screen(makeSale(1, { transactionType: 'INVENTORY_COUNT' }), [], policy)).toBeUndefined()
    expect(screen(makeSale(1), [], policy)).toMatchObject({ state: 'skipped' })
  })
})
