import type { ReadContext } from '../../contract/source.ts'
import { currencyExponent, isNoCurrency } from '../../domain/currency.ts'
import { isIdentifier } from '../../domain/identifiers.ts'
import type { StoreProfile } from '../../domain/store.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { cutText } from './cut-text.ts'
import { attributeOf, childOf, contentOf, type Element, flagOf, textOf } from './element.ts'
import { extend, type Notes, readWord, Unrepresentable } from './notes.ts'
import { readOperator } from './operator.ts'
import { readTimes } from './times.ts'
import { workstationTypeWords } from './words.ts'

/** Store, till, number, day and money of a transaction: everything that stands above its content. */
export function readHeader(
  element: Element,
  content: Element | undefined,
  context: ReadContext,
  notes: Notes,
): { transaction: Transaction; profile: StoreProfile } {
  const businessUnitId = requiredIdentifier(storeOf(element), 'RetailStoreID or BusinessUnit/UnitID')
  const profile = context.store(businessUnitId)
  const times = readTimes(element, content, profile, notes)
  const transaction: Transaction = {
    schemaVersion: 1,
    transactionType: 'UNKNOWN',
    status: 'COMPLETED',
    businessUnitId,
    ...times,
    currency: readCurrency(element, content, profile),
    lines: [],
  }
  const workstation = childOf(element, 'WorkstationID')
  const workstationId = optionalIdentifier(contentOf(workstation), 'WorkstationID')
  if (workstationId !== undefined) transaction.workstationId = workstationId
  const typeCode = attributeOf(workstation, 'TypeCode')
  const place = { name: 'WorkstationID', notes, extended: transaction }
  if (typeCode !== undefined) transaction.workstationType = readWord(typeCode, workstationTypeWords, place) ?? 'OTHER'
  const tillId = optionalIdentifier(textOf(element, 'TillID'), 'TillID')
  if (tillId !== undefined) transaction.tillId = tillId
  const operator = readOperator(childOf(element, 'OperatorID'))
  if (operator.id !== undefined) transaction.operatorId = operator.id
  if (operator.isName) extend(transaction, 'operatorNameLeftOut', true)
  readIdentity(transaction, element)
  const receiptNumber = externalText(textOf(element, 'ReceiptNumber') ?? textOf(content, 'ReceiptNumber'))
  if (receiptNumber !== undefined) transaction.receiptNumber = receiptNumber
  if (flagOf(element, 'TrainingModeFlag') || attributeOf(workstation, 'Mode') === 'Training') {
    transaction.trainingMode = true
  }
  if (flagOf(element, 'OfflineFlag')) transaction.offline = true
  if (attributeOf(element, 'se:copy') === 'true') extend(transaction, 'se:copy', true)
  return { transaction, profile }
}

export function storeOf(element: Element): string | undefined {
  const unit = childOf(element, 'BusinessUnit')
  return textOf(element, 'RetailStoreID') ?? textOf(unit, 'UnitID') ?? contentOf(unit)
}

export function sequenceOf(element: Element): number | undefined {
  const text = textOf(element, 'SequenceNumber')
  if (text === undefined) return undefined
  if (!/^\d+$/.test(text)) throw new Unrepresentable('invalid-identifier', 'SequenceNumber is not a number.')
  const number = Number(text)
  if (!Number.isSafeInteger(number)) {
    throw new Unrepresentable('amount-out-of-range', 'SequenceNumber has more than 15 digits.')
  }
  return number
}

/** An identifier of another system, cut to what the model holds. */
export function externalText(text: string | undefined): string | undefined {
  return text === undefined ? undefined : cutText(text, 128)
}

export function optionalIdentifier(text: string | undefined, name: string): string | undefined {
  if (text !== undefined && !isIdentifier(text)) {
    throw new Unrepresentable('invalid-identifier', `${name} has a character that is not allowed, or more than 64.`)
  }
  return text
}

function requiredIdentifier(text: string | undefined, name: string): string {
  const identifier = optionalIdentifier(text, name)
  if (identifier === undefined) throw new Unrepresentable('invalid-identifier', `${name} is missing.`)
  return identifier
}

/** A till number; a sender of 6.0 without one has its own TransactionID. */
function readIdentity(transaction: Transaction, element: Element): void {
  const sequenceNumber = sequenceOf(element)
  const transactionId = textOf(element, 'TransactionID')
  if (sequenceNumber !== undefined) transaction.sequenceNumber = sequenceNumber
  if (transactionId !== undefined) transaction.source = { system: 'POSLog', transactionId: cutText(transactionId, 128) }
  if (sequenceNumber !== undefined && transaction.workstationId !== undefined) return
  if (transactionId === undefined) {
    const missing = sequenceNumber === undefined ? 'SequenceNumber' : 'WorkstationID'
    throw new Unrepresentable('invalid-identifier', `${missing} is missing, and so is a TransactionID.`)
  }
  // Two identities that differ at their ends only would become one.
  if (transactionId.length > 128) throw new Unrepresentable('invalid-identifier', 'TransactionID is too long.')
  const { businessUnitId } = transaction
  transaction.vendorFact = { account: businessUnitId, objectType: 'transaction', objectId: transactionId }
}

/** The header's currency, else that of the first amount that has one, else the store's. */
function readCurrency(element: Element, content: Element | undefined, profile: StoreProfile): string {
  const stated = textOf(element, 'CurrencyCode') ?? textOf(content, 'CurrencyCode')
  const code = isStated(stated) ? stated : (findCurrency(content) ?? profile.currency)
  if (currencyExponent(code) === undefined) {
    throw new Unrepresentable('unknown-currency', 'The currency is not an active ISO 4217 code.')
  }
  return code
}

function isStated(code: string | undefined): code is string {
  return code !== undefined && !isNoCurrency(code)
}

function findCurrency(element: Element | undefined): string | undefined {
  // A foreign tender has its own currency, which is not the receipt's.
  if (element === undefined || element.name === 'ForeignCurrency') return undefined
  const own = attributeOf(element, 'Currency') ?? attributeOf(element, 'CurrencyCode')
  if (isStated(own)) return own
  for (const child of element.children) {
    const found = findCurrency(child)
    if (found !== undefined) return found
  }
  return undefined
}
