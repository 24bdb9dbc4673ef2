import {
  absolute,
  add,
  compare,
  type Decimal,
  decimal,
  divide,
  formatDecimal,
  multiply,
  negate,
  roundTo,
  subtract,
  sum,
  zero,
} from '../../domain/decimal.ts'

import type { InvoiceState } from './sale.ts'
import type { TheirReceipt } from './their-receipt.ts'
import type { StepTools } from './tools.ts'
import { decimalText, idOf, recordsOf, type TheirRecord, toTheirDate, toTheirDecimal } from './wire.ts'

/** The account move that says how a receipt was paid. */
export interface PaymentState {
  id: number
  isPosted: boolean
}

/** Looks for the payment of a receipt: the move in the store's journal that bears its key. */
export async function findPayment(
  { session, directory, context }: StepTools,
  { reference, businessDay, store }: TheirReceipt,
): Promise<PaymentState | undefined> {
  const domain = [
    ['journal', '=', await directory.journal(store, context)],
    ['date', '=', toTheirDate(businessDay)],
    ['description', '=', reference],
  ]
  const page = { limit: 1, order: [['id', 'ASC']] }
  const [move] = await session.search('account.move', domain, ['state'], context, page)
  return move && { id: idOf(move), isPosted: move.state === 'posted' }
}

/** Whether a receipt moves money at all; an even exchange does not. */
export function hasPayment({ payments, entries }: TheirReceipt): boolean {
  return payments.length > 0 || entries.length > 0
}

/** Books the payment, and settles the invoice with it. `found`: the move that an earlier attempt has left. */
export async function bookPayment(
  tools: StepTools,
  receipt: TheirReceipt,
  invoice: InvoiceState | undefined,
  found: PaymentState | undefined,
): Promise<number> {
  const { session, context } = tools
  const id = found?.id ?? (await createMove(tools, receipt, invoice))
  if (!found?.isPosted) await session.call('changes', 'model.account.move.post', [[id]], context)
  if (invoice) await reconcile(tools, receipt, invoice)
  return id
}

async function createMove(tools: StepTools, receipt: TheirReceipt, invoice: InvoiceState | undefined): Promise<number> {
  const { session, directory, context } = tools
  const { businessDay, store, reference } = receipt
  const lines = await linesOf(tools, receipt, invoice)
  const [id = 0] = await session.create(
    'account.move',
    [
      {
        journal: await directory.journal(store, context),
        period: await directory.period(businessDay, context),
        company: (await session.company(context)).id,
        date: toTheirDate(businessDay),
        description: reference,
        ...(invoice && { origin: `account.invoice,${invoice.id}` }),
        lines: [['create', lines]],
      },
    ],
    context,
  )
  return id
}

interface MoveLine {
  account: number
  party?: number
  description: string
  /** In the receipt's currency; debit above zero. */
  amount: Decimal
  /** In the company's currency, where it is known already. */
  ownAmount?: Decimal
}

async function linesOf(
  tools: StepTools,
  receipt: TheirReceipt,
  invoice: InvoiceState | undefined,
): Promise<TheirRecord[]> {
  const { directory, session, context } = tools
  const codes = [...receipt.payments, ...receipt.entries].map((line) => line.account)
  const accounts = await directory.accounts(codes, context)
  const lineOf = (code: string, description: string, amount: Decimal): MoveLine => ({
    account: accounts.get(code) ?? 0,
    description,
    amount,
  })
  const lines = [
    ...receipt.payments.map((one) => lineOf(one.account, one.description, decimal(one.amount))),
    ...receipt.entries.map((one) => lineOf(one.account, receipt.reference, negate(decimal(one.amount)))),
  ]
  const company = await session.company(context)
  const isForeign = receipt.currency !== company.currency
  const invoiced = sum(lines.map((line) => line.amount))
  if (invoice && invoiced.unscaled !== 0n) {
    const ownAmount = isForeign ? negate(await readReceivable(tools, invoice)) : undefined
    lines.push({
      account: invoice.account,
      party: (await directory.party(receipt.party, context)).id,
      description: receipt.reference,
      amount: negate(invoiced),
      ...(ownAmount && { ownAmount }),
    })
  }
  if (!isForeign) return lines.map((line) => toRecord(line, line.amount))
  return convert(tools, receipt, lines)
}

/**
 * In the company's currency at the rate of the day. Each line is rounded, and what that leaves goes to the largest, so that the
 * move balances and settles the invoice exactly.
 */
async function convert(
  { session, directory, context }: StepTools,
  { currency, businessDay }: TheirReceipt,
  lines: readonly MoveLine[],
): Promise<TheirRecord[]> {
  const [foreign, company] = [await directory.currency(currency, context), await session.company(context)]
  const params = [[foreign.id, company.currencyId], ['rate']]
  const more = { date: toTheirDate(businessDay) }
  const read = recordsOf(await session.call('reads', 'model.currency.currency.read', params, context, more))
  const rateOf = (id: number) => decimal(decimalText(read.find((record) => idOf(record) === id)?.rate))
  const [from, to] = [rateOf(foreign.id), rateOf(company.currencyId)]
  const own = lines.map((line) => line.ownAmount ?? divide(multiply(line.amount, to), from, company.currencyDigits))
  const rest = sum(own)
  const open = lines.map((line, index) => (line.ownAmount ? zero : absolute(own[index] ?? zero)))
  const largest = open.reduce((best, size, index) => (compare(size, open[best] ?? zero) > 0 ? index : best), 0)
  return lines.map((line, index) => {
    const amount = own[index] ?? zero
    const balanced = index === largest ? subtract(amount, rest) : amount
    return {
      ...toRecord(line, balanced),
      second_currency: foreign.id,
      amount_second_currency: toTheirDecimal(formatDecimal(roundTo(line.amount, foreign.digits))),
    }
  })
}

function toRecord({ account, party, description }: MoveLine, amount: Decimal): TheirRecord {
  const isDebit = amount.unscaled > 0n
  const text = formatDecimal(absolute(amount))
  return {
    account,
    description,
    debit: toTheirDecimal(isDebit ? text : '0'),
    credit: toTheirDecimal(isDebit ? '0' : text),
    ...(party !== undefined && { party }),
  }
}

/** What the invoice has left open in the company's currency; debit above zero. */
async function readReceivable({ session, context }: StepTools, invoice: InvoiceState): Promise<Decimal> {
  const domain = [
    ['move.origin', '=', `account.invoice,${invoice.id}`],
    ['account', '=', invoice.account],
  ]
  const lines = await session.search('account.move.line', domain, ['debit', 'credit'], context)
  return sum(lines.map(balanceOf))
}

async function reconcile({ session, context }: StepTools, receipt: TheirReceipt, invoice: InvoiceState): Promise<void> {
  const domain = [
    ['move.origin', '=', `account.invoice,${invoice.id}`],
    ['account', '=', invoice.account],
    ['reconciliation', '=', null],
  ]
  const lines = await session.search('account.move.line', domain, ['debit', 'credit'], context)
  // A line of zero is settled by Tryton itself.
  const open = lines.filter((line) => balanceOf(line).unscaled !== 0n)
  if (open.length < 2 || sum(open.map(balanceOf)).unscaled !== 0n) return
  const company = (await session.company(context)).id
  const values = { company, date: toTheirDate(receipt.businessDay), lines: [['add', open.map(idOf)]] }
  await session.create('account.move.reconciliation', [values], context)
}

function balanceOf(line: TheirRecord): Decimal {
  return add(decimal(decimalText(line.debit)), negate(decimal(decimalText(line.credit))))
}
