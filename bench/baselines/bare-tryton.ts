import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import {
  openTrytonApi,
  type TrytonAddress,
  type TrytonApi,
  toDate,
  toDecimal,
} from '../../test/peers/tryton/tryton-api.ts'

/** Ids that the calls refer to, as a script would have them written in it. */
interface Ids {
  company: number
  currency: number
  party: number
  address: number
  customerLocation: number
  warehouse: number
  storage: number
  product: number
  unit: number
  taxAccount: number
  tax: number
  cashAccount: number
  journal: number
  period: number
}

/** What one writes by hand: the same calls in the same order with `fetch`, ids at hand, nothing checked and nothing remembered. */
export async function openBareTryton(
  address: TrytonAddress,
  company: number,
): Promise<(receipt: Transaction) => Promise<void>> {
  const api = await openTrytonApi(address)
  api.context = { company }
  const ids = await readIds(api, company)
  return (receipt) => postBare(api, ids, receipt)
}

async function readIds(api: TrytonApi, company: number): Promise<Ids> {
  const one = async (model: string, domain: unknown[], fields: string[] = ['id']) =>
    (await api.searchRead(model, domain, fields))[0] ?? {}
  const idOf = async (model: string, field: string, value: string) =>
    (await one(model, [[field, '=', value]])).id as number
  const party = await one('party.party', [['code', '=', 'TILL-9']], ['addresses', 'customer_location'])
  const product = await one('product.product', [['code', '=', '4711']], ['default_uom'])
  const period = [
    ['start_date', '<=', toDate('2026-03-02')],
    ['end_date', '>=', toDate('2026-03-02')],
  ]
  return {
    company,
    currency: await idOf('currency.currency', 'code', 'EUR'),
    party: party.id as number,
    address: (party.addresses as number[])[0] ?? 0,
    customerLocation: party.customer_location as number,
    warehouse: await idOf('stock.location', 'code', '9'),
    storage: await idOf('stock.location', 'code', '9-STO'),
    product: product.id as number,
    unit: product.default_uom as number,
    taxAccount: await idOf('account.account', 'code', 'TILL-TAX'),
    tax: await idOf('account.tax', 'name', 'TILL-VAT-19'),
    cashAccount: await idOf('account.account', 'code', 'TILL-TENDER-CASH'),
    journal: await idOf('account.journal', 'code', 'TILL-9'),
    period: (await one('account.period', period)).id as number,
  }
}

/** The receipt of `makeSale`: two pieces for 5.00 with 0.80 VAT inside, in cash. */
async function postBare(api: TrytonApi, ids: Ids, { sequenceNumber, businessDayDate }: Transaction): Promise<void> {
  const reference = `till:9/3/-/${sequenceNumber}`
  const [day, company] = [toDate(businessDayDate), ids.company]
  await api.searchRead('sale.sale', [['reference', 'in', [reference]]], ['reference', 'state'])
  const [sale] = await api.create('sale.sale', saleOf(ids, reference, day))
  await api.call('model.sale.sale.quote', [sale])
  await api.call('model.sale.sale.confirm', [sale])
  const fields = ['moves', 'invoices.account', 'invoices.untaxed_amount']
  const [read] = (await api.call('model.sale.sale.read', [sale], fields)) as Record<string, unknown>[]
  const [invoice] = (read?.['invoices.'] ?? []) as { id: number; account: number }[]
  await api.call('model.stock.move.do', read?.moves)
  const tax = { manual: true, description: 'TILL-VAT-19', account: ids.taxAccount, tax: ids.tax }
  const amounts = { base: toDecimal('4.20'), amount: toDecimal('0.80') }
  const values = { number: reference, reference, invoice_date: day, taxes: [['create', [{ ...tax, ...amounts }]]] }
  await api.call('model.account.invoice.write', [invoice?.id], values)
  await api.call('model.account.invoice.post', [invoice?.id])
  const origin = `account.invoice,${invoice?.id}`
  const [move] = await api.create('account.move', {
    journal: ids.journal,
    period: ids.period,
    company,
    date: day,
    description: reference,
    origin,
    lines: [
      [
        'create',
        [
          { account: ids.cashAccount, description: 'CASH', debit: toDecimal('5.00'), credit: toDecimal('0') },
          { account: invoice?.account, party: ids.party, debit: toDecimal('0'), credit: toDecimal('5.00') },
        ],
      ],
    ],
  })
  await api.call('model.account.move.post', [move])
  const open = [
    ['move.origin', '=', origin],
    ['account', '=', invoice?.account],
    ['reconciliation', '=', null],
  ]
  const lines = await api.searchRead('account.move.line', open, ['debit', 'credit'])
  const reconciliation = { company, date: day, lines: [['add', lines.map((line) => line.id)]] }
  await api.create('account.move.reconciliation', reconciliation)
}

function saleOf(ids: Ids, reference: string, day: object): object {
  const goods = { product: ids.product, unit_price: toDecimal('2.1') }
  const places = { from_location: ids.storage, to_location: ids.customerLocation }
  const dates = { effective_date: day, planned_date: day }
  const move = {
    ...goods,
    ...places,
    ...dates,
    uom: ids.unit,
    quantity: 2,
    company: ids.company,
    currency: ids.currency,
  }
  const line = { ...goods, type: 'line', description: '4711', unit: ids.unit, quantity: 2, moves: [['create', [move]]] }
  return {
    company: ids.company,
    number: reference,
    reference,
    sale_date: day,
    party: ids.party,
    invoice_address: ids.address,
    shipment_address: ids.address,
    currency: ids.currency,
    warehouse: ids.warehouse,
    payment_term: null,
    invoice_method: 'order',
    shipment_method: 'manual',
    lines: [['create', [line]]],
  }
}
