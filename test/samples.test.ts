import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { checkTransaction } from '../src/domain/checks/index.ts'
import { computeTotals } from '../src/domain/compute-totals.ts'
import { decimal, formatDecimal, sum } from '../src/domain/decimal.ts'
import type { StoreProfile } from '../src/domain/store.ts'
import type { Transaction } from '../src/domain/transaction/transaction.ts'
import { poslog } from '../src/sources/poslog/source.ts'
import { readAll, transactionsIn } from '../src/testing/source/read-all.ts'

/** Published data of real systems, beside the repository where they are present; they are never part of it. */
const samples = new URL('../../shared/samples/', import.meta.url)
const present = existsSync(samples)
if (!present)
  console.warn('SKIPPED: there are no vendor samples in ../shared/samples, so no reader was tried on real data.')

const store: StoreProfile = {
  businessUnitId: '9',
  timeZone: 'America/New_York',
  currency: 'USD',
  businessDayStartsAt: '04:00',
  numbersRestartDaily: false,
  taxRounding: 'TOTAL',
}
const swedishStore: StoreProfile = { ...store, timeZone: 'Europe/Stockholm', currency: 'SEK', smallestCoin: '1' }

async function readSample(path: string, profile: StoreProfile): Promise<Transaction[]> {
  const bytes = readFileSync(new URL(`poslog/${path}`, samples))
  const reading = await readAll(poslog, [bytes], { store: (businessUnitId) => ({ ...profile, businessUnitId }) })
  expect(reading.problem).toBeUndefined()
  expect(reading.results.every((result) => result.kind === 'transaction')).toBe(true)
  return transactionsIn(reading).map((result) => result.transaction)
}

const amountsOf = (transaction: Transaction, lineType: string) =>
  transaction.lines.flatMap((line) => (line.lineType === lineType && 'amount' in line ? [line.amount] : []))

/** Figures of a line for a comparison by eye: what the till stated, no money that is kept. */
function priceOf({ lines }: Transaction, lineNumber: number | undefined) {
  const line = lines.find((one) => one.lineNumber === lineNumber)
  if (line?.lineType !== 'SALE') throw new Error('a price belongs to a sale')
  const { quantity, regularUnitPrice, extendedAmount } = line
  return {
    quantity: Number(quantity),
    price: Number(regularUnitPrice),
    extended: Number(extendedAmount),
    isWeighed: quantity.includes('.'),
  }
}

describe.skipIf(!present)('NCR ACS, a morning on seven registers', async () => {
  const transactions = present ? await readSample('ncr-acs/POSLog.xml', store) : []
  const retail = transactions.filter((one) => one.totals?.grandTotal !== undefined)

  it('has 51 transactions, 42 of them retail', () => {
    expect([transactions.length, retail.length]).toEqual([51, 42])
  })

  it('pays every receipt to the cent', () => {
    const findings = retail.flatMap((one) => checkTransaction(one, store))
    expect(findings.filter((finding) => finding.check === 'INV-05' || finding.severity === 'error')).toEqual([])
    for (const { lines, totals } of retail) {
      const tenders = lines.flatMap((line) => (line.lineType === 'TENDER' ? [decimal(line.amount)] : []))
      expect(formatDecimal(sum(tenders), 2)).toBe(totals?.grandTotal)
    }
  })

  it('explains the grand total by its lines in 41 of 42, and warns of the one left', () => {
    const findings = retail.flatMap((one) => checkTransaction(one, store).filter(({ check }) => check === 'INV-04'))
    expect(findings.map((finding) => finding.severity)).toEqual(['warn'])
  })

  it('warns of 51 prices that the file does not explain: the till prints the price of a deal, and weighs the packaging', () => {
    const prices = retail.flatMap((one) =>
      checkTransaction(one, store)
        .filter(({ check }) => check === 'INV-01')
        .map(({ lineNumber }) => priceOf(one, lineNumber)),
    )
    // "2 for 6.00" stands as the unit price 6.00: how many pieces the price is for, the file says nowhere.
    const deals = prices.filter(({ isWeighed }) => !isWeighed)
    const pieces = Map.groupBy(deals, ({ quantity, price, extended }) => Math.round((quantity * price) / extended))
    expect([...pieces].map(([count, lines]) => [count, lines.length])).toEqual(
      expect.arrayContaining([[2, 38], [4, 1], [10, 1], [12, 1], [16, 1]]),
    )
    // The amount is for 0.03 lb more than the quantity, on each of the nine: they were weighed with their packaging.
    const weighed = prices.filter(({ isWeighed }) => isWeighed)
    expect(weighed.map(({ quantity, price, extended }) => (extended / price - quantity).toFixed(2))).toEqual(
      Array.from({ length: 9 }, () => '0.03'),
    )
    expect(prices).toHaveLength(51)
  }) // biome-ignore format: a list reads better as a block

  it('takes a bottle that is paid for as a return of one piece', () => {
    const bottles = retail.flatMap(({ lines }) =>
      lines.filter((line) => line.extensions?.ItemType === 'acs:NegativeItem'),
    )
    expect(bottles).toMatchObject([{ lineType: 'RETURN', quantity: '-1', extendedAmount: '-2.00' }])
  })

  it('misses and doubles no number on any register', () => {
    const byRegister = Map.groupBy(transactions, (one) => one.workstationId)
    expect(byRegister.size).toBe(7)
    for (const [, ofRegister] of byRegister) {
      const numbers = ofRegister.map((one) => one.sequenceNumber ?? -1).sort((a, b) => a - b)
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index))
    }
  })
})

it.skipIf(!present)('NCR ACS: a sign-on at 02:01 and the sale after it belong to the business day before', async () => {
  const transactions = await readSample('ncr-acs/SMALL.xml', store)
  const sale = transactions.find((one) => one.transactionType === 'SALE')
  expect(transactions).toHaveLength(2)
  expect(transactions.map((one) => one.businessDayDate)).toEqual(['2017-09-30', '2017-09-30'])
  expect(transactions[0]?.endDateTime).toBe('2017-10-01T02:01:31-04:00')
  expect(sale?.endDateTime).toBe('2017-10-01T02:02:54-04:00')
})

describe.skipIf(!present)('what was read of POSLog is written as POSLog', () => {
  const context = { store: (businessUnitId: string) => ({ ...store, businessUnitId }) }
  const readText = async (document: string) =>
    transactionsIn(await readAll(poslog, [Buffer.from(document)], context)).map((result) => result.transaction)
  const files = present
    ? readdirSync(new URL('poslog/', samples), { recursive: true, encoding: 'utf8' }).filter((file) =>
        file.endsWith('.xml'),
      )
    : []

  it('on every file of the samples', () => expect(files.length).toBeGreaterThanOrEqual(4))

  it.each(files)(
    'and read again without a loss, also in its figures by readers of the standard alone: %s',
    async (file) => {
      const ours = await readSample(file, store)
      const document = poslog.writer?.writeDocument(ours, context) ?? ''
      expect(await readText(document)).toEqual(ours)
      const strangers = await readText(document.replaceAll(' tillflow:Dialect="1"', ''))
      const figures = ({ sequenceNumber, totals, ...rest }: Transaction) => {
        const { grandTotal, tenderTotal, itemCount } = computeTotals({ totals, ...rest } as Transaction)
        return { sequenceNumber, grandTotal, tenderTotal, itemCount, reported: totals?.grandTotal }
      }
      expect(strangers.map(figures)).toEqual(ours.map(figures))
    },
  )
})

describe.skipIf(!present)('Swedish Digital Receipts', () => {
  it('reads a sale that is paid by gift card and rounded cash', async () => {
    const [sale] = await readSample('digital-receipt/swe-standard-dr-sale.xml', swedishStore)
    if (!sale) throw new Error('there is no receipt')
    expect(sale).toMatchObject({ transactionType: 'SALE', currency: 'SEK', sequenceNumber: 123789798712300 })
    expect(sale.totals).toMatchObject({ grandTotal: '558.00', rounding: '-0.50' })
    expect(amountsOf(sale, 'TENDER')).toEqual(['503.00', '55.00'])
    expect(amountsOf(sale, 'ROUNDING')).toEqual(['-0.50'])
    const giftCard = { lineType: 'TENDER', tenderType: 'GIFT_CARD', storedValue: { maskedNumber: '****1234' } }
    expect(sale.lines).toContainEqual(expect.objectContaining(giftCard))
    const vat = { lineType: 'TAX', taxType: 'VAT', ratePercent: '25', taxAmount: '111.70', includedInPrice: true }
    expect(sale.lines).toContainEqual(expect.objectContaining(vat))
  })

  it('reads mixed VAT, a gift card and rounding as an item, and balances', async () => {
    const [sale] = await readSample('digital-receipt/swe-standard-dr-sample-1.xml', swedishStore)
    if (!sale) throw new Error('there is no receipt')
    expect(sale.totals).toMatchObject({ grandTotal: '508.00' })
    expect(amountsOf(sale, 'TENDER')).toEqual(['500.00', '8.00', '0.00'])
    expect(amountsOf(sale, 'ROUNDING')).toEqual(['-0.10'])
    const taxes = sale.lines.flatMap((line) => (line.lineType === 'TAX' ? [line.taxAmount] : []))
    expect(taxes).toEqual(['0.00', '101.60'])
    const findings = checkTransaction(sale, swedishStore).map((finding) => finding.check)
    expect(findings).not.toContain('INV-04')
    expect(findings).not.toContain('INV-05')
  })

  it('copies no person and no card into the transaction', async () => {
    for (const file of ['swe-standard-dr-sale.xml', 'swe-standard-dr-sample-1.xml']) {
      const text = JSON.stringify(await readSample(`digital-receipt/${file}`, swedishStore))
      for (const secret of [
        'Olle',
        'Lennart',
        '2210228884',
        '1111111111',
        'someone@email.com',
        '86126694',
        'V1000248',
        'Stortorget',
      ]) {
        expect(text).not.toContain(secret)
      }
    }
  })
})
