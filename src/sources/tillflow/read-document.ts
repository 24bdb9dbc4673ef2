import { Problem, type ProblemCode } from '../../contract/problem.ts'
import type { KeptResult, PartialIdentity, ReadContext } from '../../contract/source.ts'
import { decodeUtf8, parseStrictJson } from '../../contract/strict-json.ts'
import { validateTransaction } from '../../contract/transaction-schema.ts'
import type { Finding } from '../../domain/finding.ts'
import { isIdentifier } from '../../domain/identifiers.ts'
import { isCalendarDate } from '../../domain/time.ts'
import { findMoneyFault } from '../find-money-fault.ts'
import { isDocument, keepUnknown } from './keep-unknown.ts'
import { defaults, readOnlyNames } from './names.ts'
import { resolveTimes } from './resolve-times.ts'

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
  if (text.includes('\\u0000') && containsNull(value)) return unreadable('invalid-character', 'A text contains U+0000.')

  for (const name in defaults) value[name] ??= defaults[name]?.()
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
  const wrong = findMoneyFault(transaction)
  if (wrong) return unreadable(wrong.problem, wrong.detail)
  return { kind: 'transaction', transaction, findings, unknownValues, bytes }
}

/** Keys count too. `\\u0000` in the text may as well be a backslash before the letters. */
function containsNull(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('\0')
  if (typeof value !== 'object' || value === null) return false
  return Object.entries(value).some(([name, member]) => name.includes('\0') || containsNull(member))
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
