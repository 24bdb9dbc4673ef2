import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv'
import type { Transaction } from '../domain/transaction/transaction.ts'
import schema from './generated/transaction.v1.schema.json' with { type: 'json' }
import type { ProblemCode } from './problem.ts'

export interface Violation {
  /** JSON Pointer of the place. */
  path: string
  code: ProblemCode
  /** One sentence; never repeats the value. */
  message: string
}

export type Validation = { valid: true; transaction: Transaction } | { valid: false; violations: Violation[] }

let compiled: ValidateFunction<Transaction> | undefined

/** Whether a document has the shape of a transaction. The first violation is enough to refuse it, so checking stops there. */
export function validateTransaction(value: unknown): Validation {
  compiled ??= new Ajv({ discriminator: true, strict: false, allErrors: false }).compile<Transaction>(schema)
  if (compiled(value)) return { valid: true, transaction: value }
  return { valid: false, violations: (compiled.errors ?? []).map((error) => toViolation(error, value)) }
}

function toViolation(error: ErrorObject, value: unknown): Violation {
  const name = error.instancePath.split('/').at(-1) ?? ''
  const definition = /definitions\/(\w+)\//.exec(error.schemaPath)?.[1] ?? ''
  const message = `${error.instancePath || '/'} ${error.message ?? 'is not as expected'}`
  return { path: error.instancePath, code: codeOf(error, definition, name, value), message }
}

function codeOf(error: ErrorObject, definition: string, name: string, value: unknown): ProblemCode {
  if (/^(Unsigned)?DecimalString$/.test(definition)) {
    const given = valueAt(value, error.instancePath)
    if (typeof given === 'string' && /^-?\d{16,}/.test(given)) return 'amount-out-of-range'
    return /quantity/i.test(name) ? 'invalid-quantity' : 'money-not-decimal-string'
  }
  if (definition === 'Timestamp' || definition === 'CalendarDate') return 'invalid-timestamp'
  if (definition === 'Identifier') return 'invalid-identifier'
  if (definition === 'CurrencyCode') return 'unknown-currency'
  if (error.keyword === 'required' && /businessUnitId|workstationId/.test(String(error.params.missingProperty)))
    return 'invalid-identifier'
  return 'schema-violation'
}

function valueAt(value: unknown, pointer: string): unknown {
  let current = value
  for (const part of pointer.split('/').slice(1)) {
    if (current === null || typeof current !== 'object') return undefined
    current = (current as Record<string, unknown>)[part]
  }
  return current
}
