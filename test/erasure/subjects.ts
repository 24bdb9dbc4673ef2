import type { Transaction } from '../../src/domain/transaction/transaction.ts'
import { makeSale } from '../../src/testing/receipts.ts'
import { asSent } from './erasable-hub.ts'

export const subjectsCount = 1_000
const salesPerSubject = 2

const four = (at: number) => String(at).padStart(4, '0')

/** What somebody typed at the till, which no rule knows for a name: letters only. */
const typedNameOf = (at: number) => `itypedname${[...four(at)].map((digit) => 'abcdefghij'[Number(digit)]).join('')}`

/** Under which names a seeded person stands in receipts: a customer, a loyalty account, or both, an address of mail and a name in a text. */
export function namesOf(at: number): string[] {
  const [customer, loyalty, mail] = [`i25c${four(at)}`, `i25l${four(at)}`, `i25m${four(at)}@example.org`]
  if (at % 4 === 0) return [customer, loyalty, mail, typedNameOf(at)]
  return at % 4 === 1 ? [loyalty, mail, typedNameOf(at)] : [customer, mail, typedNameOf(at)]
}

export const allNames: ReadonlySet<string> = new Set(
  Array.from({ length: subjectsCount }, (_, at) => namesOf(at)).flat(),
)

/** All names of seeded persons that a text has. */
export function namesIn(text: string): Set<string> {
  return new Set([...text.matchAll(/i25(?:[cl]\d{4}|m\d{4}@example\.org)|itypedname[a-j]{4}/g)].map(([name]) => name))
}

/** What a person bought on two days, at one of ten stores. */
export function salesOf(at: number): { transaction: Transaction; sent: object }[] {
  return Array.from({ length: salesPerSubject }, (_, day) => {
    const transaction = saleTo(at, day)
    return { transaction, sent: asSent(transaction) }
  })
}

function saleTo(at: number, day: number): Transaction {
  const [customerId, loyaltyAccountId] = ['i25c', 'i25l'].map((start) =>
    namesOf(at).find((one) => one.startsWith(start)),
  )
  const [mail = ''] = namesOf(at).filter((one) => one.includes('@'))
  const date = `2026-03-0${2 + day}`
  return makeSale(1 + Math.floor(at / 10), {
    businessUnitId: String(1 + (at % 10)),
    workstationId: String(1 + day),
    businessDayDate: date,
    endDateTime: `${date}T11:04:05+01:00`,
    ...(customerId !== undefined && { customerId }),
    ...(loyaltyAccountId !== undefined && { loyaltyAccountId }),
    extensions: { 'acme:email': mail, 'acme:dedication': `with love for ${typedNameOf(at)}` },
  })
}

/** An upload that names the person and is no transaction yet. */
export function brokenSaleTo(at: number): string {
  return JSON.stringify({ ...asSent(saleTo(at, 0)), sequenceNumber: 900_000 + at, currency: 'XXQ' })
}
