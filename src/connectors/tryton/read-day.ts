import type { ConnectorContext, StoreDayRecord, TargetDocument } from '../../contract/connector.ts'
import { currencyExponent } from '../../domain/currency.ts'
import { add, type Decimal, decimal, formatDecimal, negate, zero } from '../../domain/decimal.ts'
import { tenderPrefix } from './codes.ts'
import { journalOf } from './directory.ts'
import type { Session } from './session.ts'
import { decimalText, idOf, recordOf, recordsOf, type TheirRecord, textOf, toTheirDate } from './wire.ts'

/** Records of one page: an answer is read up to 64 KiB, and a record is a few hundred bytes. */
const pageSize = 40

interface Day {
  businessUnitId: string
  businessDayDate: string
}

/** What Tryton has of a store's business day: sales with their invoices, then receipts that were payments only. */
export async function* readDay(session: Session, day: Day, context: ConnectorContext): AsyncIterable<StoreDayRecord> {
  const sales = [
    ['warehouse.code', '=', day.businessUnitId],
    ['sale_date', '=', toTheirDate(day.businessDayDate)],
  ]
  const fields = ['reference', ...['total_amount', 'tax_amount', 'currency.code'].map((field) => `invoices.${field}`)]
  for await (const page of pagesOf(session, 'sale.sale', sales, fields, context)) {
    const invoices = page.flatMap((sale) => recordsOf(sale['invoices.']).map(idOf))
    const taxes = await readTaxes(session, invoices, context)
    const tenders = await readTenders(session, day, page.map(referenceOf), context)
    for (const sale of page) {
      const reference = referenceOf(sale)
      const [invoice] = recordsOf(sale['invoices.'])
      yield {
        reference,
        documents: [documentOf(sale, invoice)],
        tenders: tenders.get(reference) ?? [],
        taxes: taxes.get(idOf(invoice)) ?? [],
      }
    }
  }
  yield* readPaymentsAlone(session, day, context)
}

async function* readPaymentsAlone(
  session: Session,
  day: Day,
  context: ConnectorContext,
): AsyncIterable<StoreDayRecord> {
  const moves = [
    ['journal.code', '=', journalOf(day.businessUnitId)],
    ['date', '=', toTheirDate(day.businessDayDate)],
    ['origin', '=', null],
  ]
  for await (const page of pagesOf(session, 'account.move', moves, ['description'], context)) {
    const references = page.map((move) => textOf(move.description))
    const tenders = await readTenders(session, day, references, context)
    for (const move of page) {
      const reference = textOf(move.description)
      const documents = [{ documentId: `account.move,${idOf(move)}`, kind: 'payment' }]
      yield { reference, documents, tenders: tenders.get(reference) ?? [] }
    }
  }
}

function documentOf(sale: TheirRecord, invoice: TheirRecord | undefined): TargetDocument {
  if (!invoice) return { documentId: `sale.sale,${idOf(sale)}`, kind: 'sale' }
  const currency = textOf(recordOf(invoice['currency.']).code)
  const amount = inCurrency(decimalText(invoice.total_amount), currency)
  return {
    documentId: `account.invoice,${idOf(invoice)}`,
    kind: amount.startsWith('-') ? 'credit-note' : 'invoice',
    amount,
    tax: inCurrency(decimalText(invoice.tax_amount), currency),
    currency,
  }
}

async function readTaxes(
  session: Session,
  invoices: readonly number[],
  context: ConnectorContext,
): Promise<Map<number, NonNullable<StoreDayRecord['taxes']>>> {
  const byInvoice = new Map<number, NonNullable<StoreDayRecord['taxes']>>()
  if (invoices.length === 0) return byInvoice
  const fields = ['invoice', 'description', 'base', 'amount']
  const domain = [['invoice', 'in', invoices]]
  for await (const page of pagesOf(session, 'account.invoice.tax', domain, fields, context)) {
    for (const tax of page) {
      const invoice = Number(tax.invoice)
      const one = { taxId: textOf(tax.description), base: decimalText(tax.base), amount: decimalText(tax.amount) }
      byInvoice.set(invoice, [...(byInvoice.get(invoice) ?? []), one])
    }
  }
  return byInvoice
}

/** What was paid, by receipt and means of payment, in the currency of the receipt. */
async function readTenders(
  session: Session,
  day: Day,
  references: readonly string[],
  context: ConnectorContext,
): Promise<Map<string, { tenderType: string; amount: string }[]>> {
  const domain = [
    ['move.journal.code', '=', journalOf(day.businessUnitId)],
    ['move.description', 'in', references],
    ['account.code', 'like', `${tenderPrefix}%`],
  ]
  const fields = ['account.code', 'move.description', 'debit', 'credit', 'amount_second_currency']
  const sums = new Map<string, Map<string, Decimal>>()
  for await (const page of pagesOf(session, 'account.move.line', domain, fields, context)) {
    for (const line of page) {
      const reference = textOf(recordOf(line['move.']).description)
      const tender = textOf(recordOf(line['account.']).code).slice(tenderPrefix.length)
      const own = sums.get(reference) ?? new Map<string, Decimal>()
      sums.set(reference, own.set(tender, add(own.get(tender) ?? zero, amountOf(line))))
    }
  }
  return new Map(
    [...sums].map(([reference, own]) => [
      reference,
      [...own].map(([tenderType, amount]) => ({ tenderType, amount: formatDecimal(amount) })),
    ]),
  )
}

function amountOf(line: TheirRecord): Decimal {
  if (line.amount_second_currency) return decimal(decimalText(line.amount_second_currency))
  return add(decimal(decimalText(line.debit)), negate(decimal(decimalText(line.credit))))
}

/** Pages by id: a record that is added meanwhile shifts nothing. */
async function* pagesOf(
  session: Session,
  model: string,
  domain: readonly unknown[],
  fields: readonly string[],
  context: ConnectorContext,
): AsyncIterable<TheirRecord[]> {
  let after = 0
  for (;;) {
    const page = { limit: pageSize, order: [['id', 'ASC']] }
    const found = await session.search(model, [...domain, ['id', '>', after]], fields, context, page)
    if (found.length > 0) yield found
    const last = idOf(found.at(-1))
    // A page that does not lead on would be read for ever.
    if (found.length < pageSize || last <= after) return
    after = last
  }
}

function referenceOf(sale: TheirRecord): string {
  return textOf(sale.reference)
}

function inCurrency(text: string, currency: string): string {
  return formatDecimal(decimal(text), currencyExponent(currency) ?? 2)
}
