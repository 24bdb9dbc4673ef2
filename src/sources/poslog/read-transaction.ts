import type { KeptResult, PartialIdentity, ReadContext } from '../../contract/source.ts'
import { validateTransaction } from '../../contract/transaction-schema.ts'
import { isIdentifier } from '../../domain/identifiers.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { findMoneyFault } from '../find-money-fault.ts'
import { readControl, readTenderControl } from './control.ts'
import { cutText } from './cut-text.ts'
import { isOwnDialect, readOwnTransaction } from './dialect/read-transaction.ts'
import { attributeOf, childOf, childrenOf, type Element, textOf } from './element.ts'
import { readFiscal } from './fiscal.ts'
import { readGrossNegative } from './gross-negative.ts'
import { externalText, readHeader, sequenceOf, storeOf } from './header.ts'
import type { LineContext } from './line-context.ts'
import { everythingComesBack, readLines } from './lines.ts'
import { addLink, readLink } from './links.ts'
import { extend, keepWord, type Notes, Unrepresentable } from './notes.ts'
import { settle } from './settle.ts'
import { readGrandTotalCounter } from './till-session.ts'
import { businessDayIn } from './times.ts'
import { readTotals } from './totals.ts'
import { isPostVoid, orderType, readStatus, retailType } from './transaction-type.ts'
import { keepVendorElements } from './vendor-elements.ts'

/** One Transaction element as a transaction, or as something that is kept and cannot be one. */
export function readTransaction(element: Element, bytes: Uint8Array, context: ReadContext): KeptResult {
  const notes: Notes = { findings: [], unknownValues: [] }
  try {
    const transaction = isOwnDialect(element)
      ? readOwnTransaction(element, context)
      : readContent(element, context, notes)
    const validation = validateTransaction(transaction)
    if (!validation.valid) {
      const [violation] = validation.violations
      throw new Unrepresentable(violation?.code ?? 'schema-violation', violation?.message ?? 'Not a transaction.')
    }
    const fault = findMoneyFault(transaction)
    if (fault) throw new Unrepresentable(fault.problem, fault.detail)
    return { kind: 'transaction', transaction, ...notes, bytes }
  } catch (error) {
    if (!(error instanceof Unrepresentable)) throw error
    const { problem, message } = error
    return { kind: 'unreadable', problem, detail: message, partial: partialIdentity(element), bytes }
  }
}

function readContent(element: Element, context: ReadContext, notes: Notes): Transaction {
  const content = element.children.find((child) => child.name.endsWith('Transaction'))
  const { transaction, profile } = readHeader(element, content, context, notes)
  const vendorType = attributeOf(element, 'dtv:TransactionType')
  if (vendorType !== undefined) extend(transaction, 'dtv:TransactionType', cutText(vendorType, 64))
  const lineContext: LineContext = { transaction, profile, notes, takesBack: false, mirrored: false }
  readCustomer(transaction, element, content)
  if (content !== undefined) readGrandTotalCounter(element, content, lineContext)
  readFiscal(element, content, lineContext)
  keepVendorElements(element, transaction)
  if (content === undefined) return transaction
  keepVendorElements(content, transaction)
  switch (content.name) {
    case 'RetailTransaction':
    case 'CustomerOrderTransaction':
    case 'OrderTransaction':
    case 'FoodServiceTransaction':
      readSale(element, content, lineContext)
      return transaction
    case 'ForeCourtTransaction':
      // Pump tests and readings of tanks are fore court transactions too, and sell nothing.
      if (childOf(content, 'LineItem')) readSale(element, content, lineContext)
      else keepWord(content.name, { name: 'Transaction', notes, extended: transaction })
      return transaction
    case 'ControlTransaction':
      readControl(element, content, lineContext)
      return transaction
    case 'TenderControlTransaction':
      readTenderControl(element, content, lineContext)
      return transaction
    default:
      keepWord(content.name, { name: 'Transaction', notes, extended: transaction })
      return transaction
  }
}

function readSale(element: Element, content: Element, context: LineContext): void {
  const { transaction } = context
  const word = readStatus(element, content, context)
  for (const link of childrenOf(content, 'TransactionLink')) addLink(context, readLink(link, context))
  const comesBack = everythingComesBack(content)
  context.mirrored = isPostVoid(element, transaction) && !comesBack
  context.takesBack = comesBack || context.mirrored
  transaction.lines = readLines(content, context)
  readTotals(content, context)
  readGrossNegative(content, context)
  settle(content, context)
  const isOrder = content.name === 'CustomerOrderTransaction' || content.name === 'OrderTransaction'
  transaction.transactionType = isOrder ? orderType(word, transaction) : retailType(element, word, transaction)
}

/** References to people, never the people themselves. */
function readCustomer(transaction: Transaction, element: Element, content: Element | undefined): void {
  const customer = childOf(content, 'Customer') ?? childOf(element, 'Customer')
  const customerId = externalText(textOf(customer, 'CustomerID') ?? textOf(content, 'CustomerID'))
  if (customerId !== undefined) transaction.customerId = customerId
  const account = childOf(content, 'LoyaltyAccount') ?? childOf(customer, 'LoyaltyAccount')
  const loyaltyId = externalText(
    textOf(account, 'LoyaltyAccountID') ??
      textOf(childOf(account, 'LoyaltyProgram'), 'LoyaltyAccountID') ??
      textOf(account, 'LoyaltyID'),
  )
  if (loyaltyId !== undefined) transaction.loyaltyAccountId = loyaltyId
}

/** What can still be read, so that the till's number is occupied and no false gap appears. */
function partialIdentity(element: Element): PartialIdentity {
  const partial: PartialIdentity = {}
  const store = storeOf(element)
  if (store !== undefined && isIdentifier(store)) partial.businessUnitId = store
  const workstation = textOf(element, 'WorkstationID')
  if (workstation !== undefined && isIdentifier(workstation)) partial.workstationId = workstation
  const sequenceNumber = readable(() => sequenceOf(element))
  if (sequenceNumber !== undefined) partial.sequenceNumber = sequenceNumber
  const businessDayDate = readable(() => businessDayIn(element))
  if (businessDayDate !== undefined) partial.businessDayDate = businessDayDate
  return partial
}

function readable<Value>(read: () => Value | undefined): Value | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof Unrepresentable) return undefined
    throw error
  }
}
