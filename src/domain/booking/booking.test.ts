import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balancedSale } from '../../testing/connector/events.ts'
import { makeSale } from '../../testing/receipts.ts'
import { decimal } from '../decimal.ts'
import { bookTransaction } from './book-transaction.ts'
import { toMinor, toMinorTogether } from './round-together.ts'

const add = (amounts: readonly bigint[]) => amounts.reduce((sum, amount) => sum + amount, 0n)

describe('the booking of a receipt', () => {
  it('balances whatever fractions of a cent its lines have', () => {
    fc.assert(
      fc.property(balancedSale, (transaction) => {
        const booking = bookTransaction(transaction, 'till:9/3/-/1') ?? expect.unreachable('a sale is for the books')
        const added = booking.taxes.filter((tax) => !tax.included)
        const due = [
          ...booking.lines.map((line) => line.net),
          ...[...booking.charges, ...added].map((one) => one.amount),
        ]
        expect(add(due)).toBe(booking.total)
        expect(add(booking.taxes.map((tax) => tax.amount))).toBe(booking.tax)
        expect(add(booking.payments.map((payment) => payment.amount))).toBe(booking.total)
        expect(booking.total).toBe(toMinor(decimal(transaction.totals?.grandTotal ?? '0'), transaction.currency))
      }),
    )
  })

  it('does not heal a receipt whose lines say something else than its total', () => {
    const booking = bookTransaction(makeSale(1, { totals: { grandTotal: '7.00' } }), 'till:9/3/-/1')
    expect(booking?.total).toBe(700n)
    expect(booking?.charges).toEqual([])
    expect(add(booking?.payments.map((payment) => payment.amount) ?? [])).toBe(500n)
  })

  it('is nothing for what is not for the books', () => {
    expect(bookTransaction(makeSale(1, { trainingMode: true }), 'till:9/3/-/1')).toBeUndefined()
    expect(bookTransaction(makeSale(1, { transactionType: 'NO_SALE' }), 'till:9/3/-/1')).toBeUndefined()
  })

  it('goes back to the receipt that is linked', () => {
    const links = [{ linkType: 'RETURN_OF' as const, sequenceNumber: 7 }]
    const booking = bookTransaction(makeSale(8, { transactionType: 'RETURN', links }), 'till:9/3/-/8')
    expect(booking).toMatchObject({ kind: 'return', original: 'till:9/3/-/7' })
  })
})

it('rounds a run of amounts to what their sum rounds to', () => {
  expect(toMinorTogether(['0.335', '0.335', '0.33'].map(decimal), 'EUR')).toEqual([34n, 33n, 33n])
  expect(toMinorTogether(['1.4', '1.4', '1.4'].map(decimal), 'JPY')).toEqual([1n, 2n, 1n])
})
