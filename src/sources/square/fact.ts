import { Problem } from '../../contract/problem.ts'
import type { ReadContext, ReadResult } from '../../contract/source.ts'
import { validateTransaction } from '../../contract/transaction-schema.ts'
import { isIdentifier } from '../../domain/identifiers.ts'
import { factKey } from '../../domain/identity.ts'
import { businessDayOf, resolveTimestamp } from '../../domain/time.ts'
import type { TransactionStatus, TransactionType } from '../../domain/transaction/codes.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { findMoneyFault } from '../find-money-fault.ts'
import { defined, type Fields, text, Unreadable } from './fields.ts'
import type { UnknownWords } from './words.ts'

/** The kinds of facts, as they stand in the identity of each. */
export type ObjectType =
  | 'order'
  | 'return'
  | 'payment'
  | 'refund'
  | 'cash_drawer_shift'
  | 'cash_drawer_shift_event'
  | InventoryObjectType
export type InventoryObjectType =
  | 'inventory_count'
  | 'inventory_physical_count'
  | 'inventory_adjustment'
  | 'inventory_transfer'

const accountMissing = 'A document of Square belongs to an account: add it to sourceAccounts.'

/** Where a fact happened and whose it is. */
export interface Place {
  account: string
  businessUnitId: string
  /** The store's own, for what names no money. */
  currency: string
  /** A time of the document with its offset; throws where there is no such time. */
  time(of: Fields, name: string): string | undefined
  businessDay(timestamp: string): string
}

/** The store of an object. Where nobody named one for its location it is kept until somebody does: no store is ever guessed. */
export function placeOf(object: Fields, { account, store }: ReadContext): Place {
  if (!account) throw new Problem('unknown-account', accountMissing)
  const businessUnitId = account.storeOf(text(object, 'location_id'))
  if (businessUnitId === undefined) throw new Unreadable('unmapped-location', 'No store is named for this location.')
  const profile = store(businessUnitId)
  return {
    account: account.account,
    businessUnitId,
    currency: profile.currency,
    time: (of, name) => {
      const given = text(of, name)
      if (given === undefined) return undefined
      const resolved = resolveTimestamp(given, profile.timeZone)
      if (!resolved) throw new Unreadable('invalid-timestamp', `${name} is not a time of the calendar.`)
      return resolved.timestamp
    },
    businessDay: (timestamp) => businessDayOf(timestamp, profile),
  }
}

/** Drawers and shelves stand in a store. What names no location is not taken for the web shop's. */
export function placeInStore(object: Fields, context: ReadContext, detail: string): Place {
  if (text(object, 'location_id') === undefined) throw new Unreadable('unmapped-location', detail)
  return placeOf(object, context)
}

/** What every fact says of itself. */
export interface Heading {
  objectType: ObjectType
  objectId: string
  transactionType: TransactionType
  status: TransactionStatus
  currency: string
  beginDateTime?: string | undefined
  endDateTime: string | undefined
}

/** The header of a fact. Only times that never change are used: `updated_at` moves with every look at an object. */
export function headingOf(place: Place, heading: Heading): Omit<Transaction, 'lines'> {
  const { objectType, objectId, transactionType, status, currency, beginDateTime, endDateTime } = heading
  if (endDateTime === undefined) throw new Unreadable('invalid-timestamp', 'It says nowhere when it happened.')
  return {
    schemaVersion: 1,
    transactionType,
    status,
    businessUnitId: place.businessUnitId,
    vendorFact: { account: place.account, objectType, objectId },
    businessDayDate: place.businessDay(endDateTime),
    businessDayDateSource: 'DERIVED',
    ...defined({ beginDateTime }),
    endDateTime,
    utcOffsetSource: 'PRESENT',
    currency,
  }
}

/** A fact of the same account, as links name it. */
export function linkTo({ account }: Place, objectType: ObjectType, objectId: string): string {
  return factKey({ account, objectType, objectId })
}

/** Identifiers of devices that fit the model's own; others stay in the extensions as they are. */
export function deviceOf(
  deviceId: string | undefined,
  extensions: Record<string, unknown>,
): { workstationId?: string } {
  if (deviceId === undefined) return {}
  if (isIdentifier(deviceId)) return { workstationId: deviceId }
  extensions['square:device_id'] = deviceId
  return {}
}

/** Makes one fact, checks it against the schema and the rules of money, and keeps the bytes where none can be made. */
export function readFact(
  bytes: Uint8Array,
  object: Fields,
  context: ReadContext,
  make: (unknown: UnknownWords) => Transaction,
): ReadResult {
  const unreadable = (problem: Unreadable['problem'], detail: string): ReadResult => {
    return { kind: 'unreadable', problem, detail, partial: partialOf(object, context), bytes }
  }
  try {
    const unknown: UnknownWords = { values: [] }
    const made = make(unknown)
    const validation = validateTransaction(made)
    if (!validation.valid) {
      const [violation] = validation.violations
      return unreadable(violation?.code ?? 'schema-violation', violation?.message ?? 'It is not a transaction.')
    }
    const fault = findMoneyFault(validation.transaction)
    if (fault) return unreadable(fault.problem, fault.detail)
    const { transaction } = validation
    return { kind: 'transaction', transaction, findings: [], unknownValues: unknown.values, bytes }
  } catch (error) {
    if (error instanceof Unreadable) return unreadable(error.problem, error.message)
    throw error
  }
}

/** Only of a location that is named: which store a quarantined document belongs to is not guessed either. */
function partialOf({ location_id: location }: Fields, { account }: ReadContext): { businessUnitId?: string } {
  const businessUnitId = typeof location === 'string' ? account?.storeOf(location) : undefined
  return businessUnitId === undefined ? {} : { businessUnitId }
}
