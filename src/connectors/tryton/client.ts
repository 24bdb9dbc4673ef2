import type { ConnectorContext, DeliveryEvent, Outcome, TargetDocument } from '../../contract/connector.ts'
import { currencyExponent } from '../../domain/currency.ts'
import { decimal, formatDecimal, sum } from '../../domain/decimal.ts'
import type { Directory } from './directory.ts'
import { isPosted, postInvoice } from './invoice.ts'
import { bookPayment, findPayment, hasPayment } from './payment.ts'
import { failureOf } from './read-answer.ts'
import { createSale, findSales, processSale, type SaleState } from './sale.ts'
import type { Session } from './session.ts'
import type { TheirReceipt } from './their-receipt.ts'
import type { StepTools } from './tools.ts'
import { toTheirReceipt } from './translate.ts'

export interface TrytonConnection {
  session: Session
  directory: Directory
  priceDecimals: number
}

/** The steps of a receipt, in their order; each is recorded when Tryton has it. */
type Step = 'sale' | 'stock' | 'invoice' | 'payment'

/**
 * Books one receipt in steps. Every step looks how far Tryton is before it does anything, so that it can be taken up after a
 * death at any point: what was created but not recorded is found by the receipt's key.
 */
export async function postReceipt(
  { session, directory, priceDecimals }: TrytonConnection,
  event: DeliveryEvent,
  context: ConnectorContext,
): Promise<Outcome> {
  const translation = toTheirReceipt(event, priceDecimals)
  if ('skipped' in translation) return { kind: 'skipped', reason: translation.skipped }
  if ('refused' in translation) return { kind: 'rejected', reason: translation.refused }
  try {
    const documents = await book({ session, directory, context }, translation.receipt)
    return { kind: 'delivered', documents }
  } catch (error) {
    return failureOf(error, 'changes').outcome
  }
}

async function book(tools: StepTools, receipt: TheirReceipt): Promise<TargetDocument[]> {
  const { context } = tools
  const references = [receipt.reference, ...(receipt.original === undefined ? [] : [receipt.original])]
  const isInvoiced = receipt.lines.length > 0
  const sales = isInvoiced ? await findSales(tools, references) : new Map<string, SaleState>()
  const found = sales.get(receipt.reference)
  const isResumed = found !== undefined || context.attempt > 1 || context.steps.done.size > 0
  // Before anything is made: a missing period or account is to leave nothing half done.
  await tools.directory.period(receipt.businessDay, context)
  const sale = isInvoiced ? await bookSale(tools, receipt, sales) : undefined
  if (hasPayment(receipt)) {
    // A receipt that has no sale is found by its payment alone.
    const payment = isResumed || !isInvoiced ? await findPayment(tools, receipt) : undefined
    const id = await bookPayment(tools, receipt, sale?.invoice, payment)
    await record(context, 'payment', paymentDocument(receipt, id))
    return documentsOf(receipt, sale, id)
  }
  return documentsOf(receipt, sale, undefined)
}

async function bookSale(
  tools: StepTools,
  receipt: TheirReceipt,
  sales: ReadonlyMap<string, SaleState>,
): Promise<SaleState> {
  const { session, context } = tools
  const found = sales.get(receipt.reference)
  const original = receipt.original === undefined ? undefined : sales.get(receipt.original)
  const id = found?.id ?? (await createSale(tools, receipt, original?.id))
  const sale = found?.invoice ? found : await processSale(tools, id, found?.state ?? 'draft')
  await record(context, 'sale', saleDocument(sale))
  // Before the invoice: a sale learns that its goods are gone when its invoice is posted or paid.
  if (sale.moves.length > 0) {
    if (!sale.isShipped) await session.call('changes', 'model.stock.move.do', [sale.moves], context)
    await record(context, 'stock', stockDocument(sale))
  }
  if (sale.invoice) {
    await postInvoice(tools, receipt, sale.invoice)
    await record(context, 'invoice', invoiceDocument(receipt, sale.invoice.id))
  }
  return sale
}

/** One write for each step, and none for a step that an earlier attempt has recorded. */
async function record({ steps }: ConnectorContext, step: Step, document: TargetDocument): Promise<void> {
  if (!steps.done.has(step)) await steps.record(step, document)
}

/** What Tryton has of a receipt, if it has all of it; what is half done is left to `postReceipt`, which finishes it. */
export async function findReceipt(
  { session, directory, priceDecimals }: TrytonConnection,
  event: DeliveryEvent,
  context: ConnectorContext,
): Promise<TargetDocument[] | undefined> {
  const translation = toTheirReceipt(event, priceDecimals)
  if (!('receipt' in translation)) return undefined
  const { receipt } = translation
  const tools = { session, directory, context }
  const isInvoiced = receipt.lines.length > 0
  const sale = isInvoiced ? (await findSales(tools, [receipt.reference])).get(receipt.reference) : undefined
  if (isInvoiced && !(sale?.invoice && isPosted(sale.invoice) && (sale.moves.length === 0 || sale.isShipped))) {
    return undefined
  }
  const payment = hasPayment(receipt) ? await findPayment(tools, receipt) : undefined
  // Posted but not settled: the invoice would stay open.
  const isSettled = !sale?.invoice || sale.invoice.state === 'paid' || isZero(sale.invoice.total)
  if (hasPayment(receipt) && !(payment?.isPosted && isSettled)) return undefined
  return documentsOf(receipt, sale, payment?.id)
}

function documentsOf(
  receipt: TheirReceipt,
  sale: SaleState | undefined,
  payment: number | undefined,
): TargetDocument[] {
  return [
    ...(sale ? [saleDocument(sale)] : []),
    ...(sale && sale.moves.length > 0 ? [stockDocument(sale)] : []),
    ...(sale?.invoice ? [invoiceDocument(receipt, sale.invoice.id)] : []),
    ...(payment === undefined ? [] : [paymentDocument(receipt, payment)]),
  ]
}

function saleDocument({ id }: SaleState): TargetDocument {
  return { documentId: `sale.sale,${id}`, kind: 'sale' }
}

/** Its amounts are those that Tryton agreed with before the invoice was posted. */
function invoiceDocument(receipt: TheirReceipt, id: number): TargetDocument {
  const { currency, tax, lines } = receipt
  const exponent = currencyExponent(currency) ?? 2
  const total = sum([...lines.map((line) => line.amount), tax].map(decimal))
  const kind = total.unscaled < 0n ? 'credit-note' : 'invoice'
  return { documentId: `account.invoice,${id}`, kind, amount: formatDecimal(total, exponent), tax, currency }
}

/** All moves of the receipt: they are done together. */
function stockDocument({ moves }: SaleState): TargetDocument {
  return { documentId: `stock.move,${moves.toSorted((a, b) => a - b).join(',')}`, kind: 'stock' }
}

function paymentDocument({ total, currency }: TheirReceipt, id: number): TargetDocument {
  return { documentId: `account.move,${id}`, kind: 'payment', amount: total, currency }
}

function isZero(text: string): boolean {
  return decimal(text).unscaled === 0n
}
