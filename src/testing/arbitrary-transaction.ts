import fc from 'fast-check'
import schema from '../contract/generated/transaction.v1.schema.json' with { type: 'json' }
import { currencyExponent } from '../domain/currency.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'

/** What this generator understands of JSON Schema; anything else in the schema of the transaction makes it throw. */
interface Schema {
  $ref?: string
  type?: string
  const?: unknown
  enum?: unknown[]
  pattern?: string
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  maxItems?: number
  items?: Schema
  properties?: Record<string, Schema>
  required?: string[]
  additionalProperties?: unknown
  oneOf?: Schema[]
}

const definitions = schema.definitions as unknown as Record<string, Schema>

/**
 * Any transaction that the schema allows: made from the schema itself, so that a field that is added tomorrow is in it. Most are
 * no receipts that a till would print; formats must carry them all the same.
 */
export function arbitraryTransaction(): fc.Arbitrary<Transaction> {
  return (arbitraryOf({ $ref: '#/definitions/Transaction' }) as fc.Arbitrary<Transaction>).map(inWholeMinorUnits)
}

/** The one rule of amounts that no schema can say: where money changed hands there is nothing below the smallest unit. */
function inWholeMinorUnits(transaction: Transaction): Transaction {
  const cut = (amount: string, currency: string) => {
    const [whole = '0', fraction = ''] = amount.split('.')
    const digits = fraction.slice(0, currencyExponent(currency) ?? 0)
    return digits === '' ? whole.slice(0, 11) : `${whole.slice(0, 11)}.${digits}`
  }
  const { currency, totals, cashMovement } = transaction
  for (const name of Object.keys(totals ?? {}) as (keyof NonNullable<typeof totals>)[]) {
    if (totals?.[name] !== undefined && name !== 'itemCount') totals[name] = cut(totals[name], currency)
  }
  if (cashMovement) cashMovement.amount = cut(cashMovement.amount, currency)
  for (const line of transaction.lines) {
    if ('amount' in line && line.amount !== undefined) line.amount = cut(line.amount, line.currency ?? currency)
  }
  return transaction
}

/** Values that a schema can only describe loosely: texts are the hardest that it allows. */
const special: Readonly<Record<string, () => fc.Arbitrary<unknown>>> = {
  CurrencyCode: () => fc.constantFrom('EUR', 'USD', 'SEK', 'JPY', 'BHD', 'CLF'),
  CalendarDate: () => day,
  Timestamp: () =>
    fc
      .tuple(day, fc.constantFrom('00:00', '23:59:59', '10:20:30.123456789'), fc.constantFrom('Z', '+05:45', '-09:30'))
      .map(([date, time, offset]) => `${date}T${time}${offset}`),
  Text: () => text(0, 1024),
  ExternalIdentifier: () => text(1, 128),
  Extensions: () => fc.dictionary(extensionName, extensionValue, { maxKeys: 4 }),
}

const day = fc
  .date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T00:00:00Z'), noInvalidDate: true })
  .map((date) => date.toISOString().slice(0, 10))

/** Markup, white space, control characters, letters of two, three and four bytes, and the escape sign of the POSLog writer. */
const character = fc.constantFrom(
  ...'aZ09 .:/-<>&"\'`]\\\t\n\r\u0001\u001f\u007f\u0085\u2028\ufeff\ufffe\uffffåß€␛{}',
  '🥪',
  ']]>',
)

function text(minLength: number, maxLength: number): fc.Arbitrary<string> {
  const hard = fc.string({ unit: character, minLength, maxLength: Math.min(12, maxLength) })
  const any = fc.string({ unit: 'grapheme', minLength, maxLength: 8 })
  return fc.oneof(hard, any).filter((one) => one.length <= maxLength && one.isWellFormed() && !one.includes('\0'))
}

const forbiddenNames = new Set(['__proto__', 'constructor', 'prototype'])
const extensionName = text(0, 40).filter((name) => !forbiddenNames.has(name))
const extensionValue = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text(0, 40),
    fc.boolean(),
    fc.constant(null),
    fc.integer(),
    fc.constantFrom(0.1, 1.5e-7, -22041.88),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(extensionName, tie('value'), { maxKeys: 3 }),
  ),
})).value

function arbitraryOf(one: Schema): fc.Arbitrary<unknown> {
  if (one.$ref !== undefined) {
    const name = one.$ref.slice('#/definitions/'.length)
    const definition = definitions[name]
    if (definition === undefined) throw new Error(`the schema has no ${name}`)
    return special[name]?.() ?? arbitraryOf(definition)
  }
  if (one.const !== undefined) return fc.constant(one.const)
  if (one.enum) return fc.constantFrom(...one.enum)
  if (one.oneOf) return fc.oneof(...one.oneOf.map(arbitraryOf))
  if (one.type === 'boolean') return fc.boolean()
  if (one.type === 'string') return arbitraryString(one)
  if (one.type === 'integer')
    return fc.integer({ min: one.minimum ?? -5, max: Math.min(one.maximum ?? 2 ** 31, 2 ** 53 - 1) })
  if (one.type === 'number') return fc.constantFrom(0, 1, -3, 12.5, 1e21, 2 ** 53 + 2)
  if (one.type === 'array' && one.items)
    return fc.array(arbitraryOf(one.items), { maxLength: Math.min(one.maxItems ?? 4, 4) })
  if (one.type === 'object' && one.properties) return arbitraryObject(one.properties, one.required ?? [])
  throw new Error(`the schema says something that nothing is generated for: ${JSON.stringify(one)}`)
}

function arbitraryObject(properties: Record<string, Schema>, required: readonly string[]): fc.Arbitrary<unknown> {
  const fields = Object.entries(properties).map(([name, one]) => [name, arbitraryOf(one)])
  return fc.record(Object.fromEntries(fields) as Record<string, fc.Arbitrary<unknown>>, {
    requiredKeys: [...required],
    noNullPrototype: true,
  })
}

function arbitraryString({ pattern, minLength = 0, maxLength }: Schema): fc.Arbitrary<string> {
  if (pattern !== undefined) return fc.stringMatching(new RegExp(pattern))
  return text(minLength, maxLength ?? 512)
}
