import type { ProblemCode } from '../contract/problem.ts'
import { currencyExponent } from '../domain/currency.ts'
import { type MoneyFault, toMinorUnits } from '../domain/money.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'

export interface MoneyProblem {
  problem: ProblemCode
  /** Where, as a JSON Pointer, and what; never the value. */
  detail: string
}

const problems: Record<MoneyFault, ProblemCode> = {
  'not-decimal': 'money-not-decimal-string',
  'unknown-currency': 'unknown-currency',
  'currency-scale': 'currency-scale',
  'amount-out-of-range': 'amount-out-of-range',
}

/**
 * What a schema cannot say of money: currencies that exist, and whole minor units where money changed hands (totals, tenders,
 * movements of the drawer; 22041.88000 is whole). Prices, line amounts and taxes keep the till's precision.
 */
export function findMoneyFault(transaction: Transaction): MoneyProblem | undefined {
  const { currency, lines } = transaction
  const header = unknownCurrency(currency, '/currency')
  if (header) return header
  for (const [name, amount] of Object.entries(transaction.totals ?? {})) {
    const fault = name === 'itemCount' ? undefined : checkAmount(amount, currency, `/totals/${name}`)
    if (fault) return fault
  }
  const movement = checkAmount(transaction.cashMovement?.amount, currency, '/cashMovement/amount')
  if (movement) return movement
  for (const [index, line] of lines.entries()) {
    const own = line.currency === undefined ? undefined : unknownCurrency(line.currency, `/lines/${index}/currency`)
    if (own) return own
    if (!('amount' in line)) continue
    const amount = checkAmount(line.amount, line.currency ?? currency, `/lines/${index}/amount`)
    if (amount) return amount
    if (line.lineType !== 'TENDER' || line.foreignAmount === undefined) continue
    const foreign = unknownCurrency(line.foreignAmount.currency, `/lines/${index}/foreignAmount/currency`)
    if (foreign) return foreign
  }
  return undefined
}

function unknownCurrency(code: string, path: string): MoneyProblem | undefined {
  if (currencyExponent(code) !== undefined) return undefined
  return { problem: 'unknown-currency', detail: `${path} is not an active ISO 4217 code.` }
}

function checkAmount(amount: string | undefined, currency: string, path: string): MoneyProblem | undefined {
  if (amount === undefined) return undefined
  const money = toMinorUnits(amount, currency)
  return 'fault' in money
    ? { problem: problems[money.fault], detail: `${path} is not an amount of its currency.` }
    : undefined
}
