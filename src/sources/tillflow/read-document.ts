import { Problem, type ProblemCode } from '../../contract/problem.ts'
import type { KeptResult, PartialIdentity, ReadContext } from '../../contract/source.ts'
import { decodeUtf8, parseStrictJson } from '../../contract/strict-json.ts'
import { validateTransaction } from '../../contract/transaction-schema.ts'
import { currencyExponent } from '../../domain/currency.ts'
import type { Finding } from '../../domain/finding.ts'
import { isIdentifier } from '../../domain/identifiers.ts'
import { type MoneyFault, toMinorUnits } from '../../domain/money.ts'
import { isCalendarDate } from '../../domain/time.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { isDocument, keepUnknown } from './keep-unknown.ts'
import { readOnlyNames } from './names.ts'
import { type ResolveFault, resolveTimes } from './resolve-times.ts'

/** Reads one canonical document. Throws a `Problem` where it is hostile; everything else is a transaction or kept as unreadable. */
export function readDocument(bytes: Uint8Array, context: ReadContext): KeptResult {
  const text = decodeUtf8(bytes)
  const value = parseStrictJson(text)
  const unreadable = (problem: ProblemCode, detail: string): KeptResult => ({
    kind: 'unreadable',
    problem,
    detail,
    partial: partialIdentity(value),
    bytes,
  })
  if (!isDocument(value)) return unreadable('schema-violation', 'A transaction is a JSON object.')
  if (readOnlyNames.some((name) => Object.hasOwn(value, name))) throw new Problem('read-only-field')
  if (text.includes('\\u0000')) return unreadable('invalid-character', 'A text contains U+0000.')

  value.schemaVersion ??= 1
  value.status ??= 'COMPLETED'
  value.lines ??= []
  const unknownValues = keepUnknown(value)
  const findings: Finding[] = []
  const fault = resolveTimes(value, context, findings)
  if (fault) return unreadable(fault.problem, fault.detail)
  const validation = validateTransaction(value)
  if (!validation.valid) {
    const [violation] = validation.violations
    return unreadable(violation?.code ?? 'schema-violation', violation?.message ?? 'The document is not a transaction.')
  }
  const { transaction } = validation
  const wrong = findFault(transaction)
  if (wrong) return unreadable(wrong.problem, wrong.detail)
  return { kind: 'transaction', transaction, findings, unknownValues, bytes }
}

const moneyProblems: Record<MoneyFault, ProblemCode> = {
  'not-decimal': 'money-not-decimal-string',
  'unknown-currency': 'unknown-currency',
  'currency-scale': 'currency-scale',
  'amount-out-of-range': 'amount-out-of-range',
}

/** What a schema cannot say: currencies that exist, amounts that fit them, days of the calendar. */
function findFault(transaction: Transaction): ResolveFault | undefined {
  const { currency } = transaction
  if (currencyExponent(currency) === undefined) {
    return { problem: 'unknown-currency', detail: '/currency is not an active ISO 4217 code.' }
  }
  if (!isCalendarDate(transaction.businessDayDate)) {
    return { problem: 'invalid-timestamp', detail: '/businessDayDate is not a day of the calendar.' }
  }
  const check = (amount: string | undefined, path: string): ResolveFault | undefined => {
    if (amount === undefined) return undefined
    const money = toMinorUnits(amount, currency)
    return 'fault' in money
      ? { problem: moneyProblems[money.fault], detail: `${path} is not an amount of its currency.` }
      : undefined
  }
  for (const [name, amount] of Object.entries(transaction.totals ?? {})) {
    const fault = name === 'itemCount' ? undefined : check(amount, `/totals/${name}`)
    if (fault) return fault
  }
  for (const [index, line] of transaction.lines.entries()) {
    if (!('amount' in line) || line.amount === undefined || line.currency !== undefined) continue
    const fault = check(line.amount, `/lines/${index}/amount`)
    if (fault) return fault
  }
  return undefined
}

/** What can still be read of something that is not a transaction, so that its number is occupied. */
function partialIdentity(value: unknown): PartialIdentity {
  if (!isDocument(value)) return {}
  const identifier = (name: string) => {
    const text = value[name]
    return typeof text === 'string' && isIdentifier(text) ? { [name]: text } : {}
  }
  const { sequenceNumber, businessDayDate } = value
  return {
    ...identifier('businessUnitId'),
    ...identifier('workstationId'),
    ...identifier('series'),
    ...(Number.isSafeInteger(sequenceNumber) &&
      Number(sequenceNumber) >= 0 && { sequenceNumber: Number(sequenceNumber) }),
    ...(typeof businessDayDate === 'string' && isCalendarDate(businessDayDate) && { businessDayDate }),
  }
}
