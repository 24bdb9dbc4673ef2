import type { StoreProfile } from '../domain/store.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'

/** A store for tests: Berlin, euro, five-cent coins not needed. */
export const testStore: StoreProfile = {
  businessUnitId: '9',
  timeZone: 'Europe/Berlin',
  currency: 'EUR',
  businessDayStartsAt: '04:00',
  numbersRestartDaily: false,
  taxRounding: 'TOTAL',
}

/** A small sale that balances: two pieces at 2.50, 19 % VAT inside, paid in cash. */
export function makeSale(sequenceNumber: number, changes: Partial<Transaction> = {}): Transaction {
  return {
    schemaVersion: 1,
    transactionType: 'SALE',
    status: 'COMPLETED',
    businessUnitId: '9',
    workstationId: '3',
    sequenceNumber,
    businessDayDate: '2026-03-02',
    businessDayDateSource: 'REPORTED',
    endDateTime: '2026-03-02T11:04:05+01:00',
    currency: 'EUR',
    lines: [
      {
        lineNumber: 1,
        lineType: 'SALE',
        itemId: '4711',
        itemType: 'STOCK',
        quantity: '2',
        actualUnitPrice: '2.50',
        extendedAmount: '5.00',
        taxes: [{ taxType: 'VAT', ratePercent: '19', taxableAmount: '5.00', taxAmount: '0.80', includedInPrice: true }],
      },
      {
        lineNumber: 2,
        lineType: 'TENDER',
        tenderType: 'CASH',
        amount: '5.00',
        tenderedAmount: '10.00',
        changeAmount: '5.00',
      },
    ],
    totals: { grandTotal: '5.00', taxTotal: '0.80' },
    ...changes,
  }
}
