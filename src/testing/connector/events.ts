import fc from 'fast-check'
import type { DeliveryEvent } from '../../contract/connector.ts'
import { computeTotals } from '../../domain/compute-totals.ts'
import type { SaleLine } from '../../domain/transaction/line.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { makeSale } from '../receipts.ts'

/** The event of a receipt, as delivery hands it to a connector. */
export function makeEvent(
  transaction: Transaction = makeSale(1),
  eventId: string = crypto.randomUUID(),
): DeliveryEvent {
  const { businessUnitId, workstationId = '1', sequenceNumber = 0 } = transaction
  return {
    eventId,
    type: 'pos.transaction.recorded.v1',
    subject: `till:${businessUnitId}/${workstationId}/-/${sequenceNumber}`,
    orderingKey: `${businessUnitId}/${workstationId}`,
    recordedAt: '2026-03-02T10:04:06.789Z',
    transaction,
  }
}

const scaleOf: Record<string, number> = { EUR: 2, JPY: 0, BHD: 3 }

/** An amount with up to three decimals more than the currency has, as fuel and weighed goods do. */
const fineAmount = (scale: number) =>
  fc.integer({ min: -5_000_000, max: 5_000_000 }).map((units) => {
    const digits = Math.abs(units)
      .toString()
      .padStart(scale + 1, '0')
    const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`
    return units < 0 ? `-${text}` : text
  })

/** Receipts with odd amounts in several currencies, whose total is the till's and whose tender pays it. */
export const balancedSale: fc.Arbitrary<Transaction> = fc
  .constantFrom('EUR', 'JPY', 'BHD')
  .chain((currency) => {
    const scale = Math.min((scaleOf[currency] ?? 2) + 3, 5)
    return fc.record({
      currency: fc.constant(currency),
      amounts: fc.array(fineAmount(scale), { minLength: 1, maxLength: 20 }),
      taxes: fc.array(fineAmount(scale), { maxLength: 3 }),
      included: fc.boolean(),
      fee: fc.option(fineAmount(scale)),
    })
  })
  .map(({ currency, amounts, taxes, included, fee }) => {
    const sales = amounts.map(
      (amount, index): SaleLine => ({
        lineNumber: index + 1,
        lineType: amount.startsWith('-') ? 'RETURN' : 'SALE',
        itemId: String(4711 + index),
        itemType: 'STOCK',
        quantity: amount.startsWith('-') ? '-1' : '1',
        extendedAmount: amount,
      }),
    )
    const after = sales.length
    const summary = taxes.map((taxAmount, index) => ({
      lineNumber: after + 1 + index,
      lineType: 'TAX' as const,
      taxType: 'VAT' as const,
      taxAmount,
      includedInPrice: included,
    }))
    const fees = fee === null ? [] : [{ lineNumber: after + 10, lineType: 'FEE' as const, amount: fee }]
    const unpaid = makeSale(1, { currency, lines: [...sales, ...summary, ...fees] })
    const { grandTotal, taxTotal } = computeTotals(unpaid)
    return {
      ...unpaid,
      lines: [
        ...unpaid.lines,
        { lineNumber: after + 20, lineType: 'TENDER' as const, tenderType: 'CASH' as const, amount: grandTotal },
      ],
      totals: { grandTotal, taxTotal },
    }
  })
