import { compare, decimal, sum } from '../../domain/decimal.ts'
import { CallFailed } from './call-failed.ts'
import type { InvoiceState } from './sale.ts'
import type { TheirReceipt } from './their-receipt.ts'
import type { StepTools } from './tools.ts'
import { recordsOf, toTheirDate, toTheirDecimal } from './wire.ts'

/**
 * Gives the invoice the till's number, day and taxes, and posts it. The taxes are written as they are on the receipt and not
 * computed; an invoice whose lines come to something else than the till's is not posted.
 */
export async function postInvoice(tools: StepTools, receipt: TheirReceipt, invoice: InvoiceState): Promise<void> {
  const { session, directory, context } = tools
  if (isPosted(invoice)) return
  const expected = sum(receipt.lines.map((line) => decimal(line.amount)))
  if (compare(decimal(invoice.untaxed), expected) !== 0) {
    const reason = `Tryton computes ${invoice.untaxed} for the lines of this receipt, the till says otherwise`
    throw new CallFailed({ kind: 'rejected', reason })
  }
  const taxes = await directory.taxes(receipt.taxes, context)
  const account =
    receipt.taxes.length > 0 ? (await directory.accounts(['TILL-TAX'], context)).get('TILL-TAX') : undefined
  const lines = receipt.taxes.map(({ name, base, amount }) => ({
    manual: true,
    description: name,
    account,
    base: toTheirDecimal(base),
    amount: toTheirDecimal(amount),
    tax: taxes.get(name),
  }))
  const commands = [
    ...(invoice.taxes.length > 0 ? [['delete', invoice.taxes]] : []),
    ...(lines.length > 0 ? [['create', lines]] : []),
  ]
  const values = {
    // Tryton gives no number of its own then, and a receipt that comes late is not refused for its day.
    number: receipt.reference,
    reference: receipt.reference,
    invoice_date: toTheirDate(receipt.businessDay),
    ...(commands.length > 0 && { taxes: commands }),
  }
  try {
    await session.call('changes', 'model.account.invoice.write', [[invoice.id], values], context)
    await session.call('changes', 'model.account.invoice.post', [[invoice.id]], context)
  } catch (error) {
    // A call of an attempt that was given up may still have been on its way, and may have posted the invoice since it was read.
    if (!isRefused(error) || !(await isPostedByNow(tools, invoice.id))) throw error
  }
}

function isRefused(error: unknown): boolean {
  return error instanceof CallFailed && error.outcome.kind === 'rejected'
}

async function isPostedByNow({ session, context }: StepTools, id: number): Promise<boolean> {
  const read = await session.call('reads', 'model.account.invoice.read', [[id], ['state']], context)
  const [record] = recordsOf(read)
  return record?.state === 'posted' || record?.state === 'paid'
}

export function isPosted({ state }: InvoiceState): boolean {
  return state === 'posted' || state === 'paid'
}
