import type { TheirLine, TheirReceipt } from './their-receipt.ts'
import type { StepTools } from './tools.ts'
import {
  decimalText,
  idOf,
  idsOf,
  recordOf,
  recordsOf,
  type TheirRecord,
  textOf,
  toTheirDate,
  toTheirDecimal,
} from './wire.ts'

/** How far Tryton is with a sale. */
export interface SaleState {
  id: number
  reference: string
  state: string
  isShipped: boolean
  moves: number[]
  invoice?: InvoiceState
}

export interface InvoiceState {
  id: number
  state: string
  account: number
  untaxed: string
  total: string
  tax: string
  currency: string
  /** Tax lines that are there already. */
  taxes: number[]
}

const stateFields = [
  'reference',
  'state',
  'shipment_state',
  'moves',
  ...['state', 'account', 'untaxed_amount', 'total_amount', 'tax_amount', 'currency.code', 'taxes'].map(
    (field) => `invoices.${field}`,
  ),
]

/** Sales by their references. A reference is free text in Tryton: whoever creates must have looked before. */
export async function findSales(
  { session, context }: StepTools,
  references: readonly string[],
): Promise<Map<string, SaleState>> {
  const domain = [['reference', 'in', references]]
  const found = await session.search('sale.sale', domain, stateFields, context, { order: [['id', 'DESC']] })
  // The oldest comes last and stays: what somebody copied by hand is not what we made.
  return new Map(found.map(readState).map((sale) => [sale.reference, sale]))
}

/** Makes the sale with its lines, and the stock moves of goods that left over the counter, in one transaction of Tryton. */
export async function createSale(tools: StepTools, receipt: TheirReceipt, original?: number): Promise<number> {
  const { session, directory, context } = tools
  const [party, warehouse, currency, company] = [
    await directory.party(receipt.party, context),
    await directory.warehouse(receipt.store, context),
    await directory.currency(receipt.currency, context),
    await session.company(context),
  ]
  const products = await directory.products(receipt.lines, context)
  const date = toTheirDate(receipt.businessDay)
  const lines: TheirRecord[] = []
  for (const line of receipt.lines) {
    const product = products.get(line.product)
    if (!product) continue
    const move = product.isService ? undefined : await moveOf(tools, line, party.location)
    const base = { product: product.id, unit_price: toTheirDecimal(line.unitPrice) }
    const quantities = { company: company.id, currency: currency.id, effective_date: date, planned_date: date }
    lines.push({
      ...base,
      type: 'line',
      description: line.description,
      unit: product.unit,
      quantity: Number(line.quantity),
      ...(move && { moves: [['create', [{ ...base, ...move, ...quantities, uom: product.unit }]]] }),
    })
  }
  const [id = 0] = await session.create(
    'sale.sale',
    [
      {
        company: company.id,
        // The receipt has its number already: a second one would be another document to the tax office.
        number: receipt.reference,
        reference: receipt.reference,
        sale_date: date,
        party: party.id,
        invoice_address: party.address,
        shipment_address: party.address,
        currency: currency.id,
        warehouse: warehouse.id,
        payment_term: null,
        invoice_method: 'order',
        // The goods are gone: there is nothing left to pick and ship, only moves.
        shipment_method: 'manual',
        ...(original !== undefined && { origin: `sale.sale,${original}` }),
        lines: [['create', lines]],
      },
    ],
    context,
  )
  return id
}

async function moveOf(
  { directory, context }: StepTools,
  { stockPlace, quantity }: TheirLine,
  customer: number,
): Promise<TheirRecord | undefined> {
  if (!stockPlace) return undefined
  const isLost = stockPlace.bucket === 'LOST'
  const place = isLost
    ? await directory.lostAndFound(context)
    : (await directory.warehouse(stockPlace.store, context)).storage
  const pieces = Number(quantity)
  const [from, to] = pieces > 0 ? [place, customer] : [customer, place]
  return { quantity: Math.abs(pieces), from_location: from, to_location: to }
}

/** Takes a sale from wherever it is to where it has an invoice. */
export async function processSale(tools: StepTools, id: number, state: string): Promise<SaleState> {
  const { session, context } = tools
  const press = (button: string) => session.call('changes', `model.sale.sale.${button}`, [[id]], context)
  if (state === 'draft') await press('quote')
  if (state === 'draft' || state === 'quotation') await press('confirm')
  const sale = await readSale(tools, id)
  if (sale.invoice) return sale
  // With queue workers Tryton processes a confirmed sale in its own time; asked directly it does so now.
  await press('process')
  return readSale(tools, id)
}

async function readSale({ session, context }: StepTools, id: number): Promise<SaleState> {
  const read = await session.call('reads', 'model.sale.sale.read', [[id], stateFields], context)
  return readState(recordsOf(read)[0] ?? {})
}

function readState(record: TheirRecord): SaleState {
  const [invoice] = recordsOf(record['invoices.'])
  return {
    id: idOf(record),
    reference: textOf(record.reference),
    state: textOf(record.state),
    isShipped: record.shipment_state === 'sent' || record.shipment_state === 'none',
    moves: idsOf(record.moves),
    ...(invoice && { invoice: readInvoice(invoice) }),
  }
}

function readInvoice(record: TheirRecord): InvoiceState {
  const { account } = record
  return {
    id: idOf(record),
    state: textOf(record.state),
    account: typeof account === 'number' ? account : 0,
    untaxed: decimalText(record.untaxed_amount),
    total: decimalText(record.total_amount),
    tax: decimalText(record.tax_amount),
    currency: textOf(recordOf(record['currency.']).code),
    taxes: idsOf(record.taxes),
  }
}
