import type { ReadContext } from '../../../contract/source.ts'
import { type TransactionType, transactionTypes } from '../../../domain/transaction/codes.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { childOf, childrenOf, type Element } from '../element.ts'
import { Unrepresentable } from '../notes.ts'
import { takeCash } from './cash.ts'
import { flag } from './codecs.ts'
import { goesBack, isEvent, statedStatus, statedType } from './containers.ts'
import { contentParts } from './content-parts.ts'
import { headerAttributes, headerParts, trailerParts } from './header-shape.ts'
import { takeLine } from './line-shape.ts'
import { tillSessionShape } from './session-shape.ts'
import { settleTimes } from './settle-times.ts'
import { type Part, takeObject, type Values } from './shape.ts'
import { takeTotals } from './totals-shape.ts'
import { dialectMark, dialectVersion } from './vocabulary.ts'

/** Whether a Transaction says that it is written by our rules. */
export function isOwnDialect(element: Element): boolean {
  return element.attributes?.[dialectMark] !== undefined
}

/** A Transaction of ours: each figure from its one place. What is missing or odd fails the schema afterwards. */
export function readOwnTransaction(element: Element, context: ReadContext): Transaction {
  if (element.attributes?.[dialectMark] !== dialectVersion) {
    throw new Unrepresentable('schema-violation', 'The Transaction is written in a later version of the dialect.')
  }
  const content = element.children.find((child) => child.name.endsWith('Transaction'))
  if (content === undefined) throw new Unrepresentable('schema-violation', 'The Transaction has no content.')
  const values: Values = { schemaVersion: 1, lines: [] }
  takeAll([...headerAttributes, ...headerParts, ...trailerParts], element, values)
  const event = content.children.find((child) => isEvent(child.name))
  const type = takeType(element, content, event)
  values.transactionType = type
  values.status = takeStatus(element, content)
  takeTraining(element, type, values)
  takeAll(contentParts, content, values)
  takeLines(childOf(content, 'tillflow:Lines') ?? content, goesBack(type), values)
  takeCash(content, event, type, values)
  takeSession(content, event, type, values)
  settleTimes(values, context)
  return values as unknown as Transaction
}

function takeAll(parts: readonly Part[], element: Element, values: Values): void {
  for (const part of parts) part.take(element, values, false)
}

function takeType(element: Element, content: Element, event: Element | undefined): TransactionType {
  const own = element.attributes?.['tillflow:TransactionType']
  const type = own === undefined ? statedType(content.name, event?.name) : transactionTypes.find((one) => one === own)
  if (type === undefined) throw new Unrepresentable('schema-violation', 'The type of the Transaction is not known.')
  return type
}

function takeStatus(element: Element, content: Element): unknown {
  return element.attributes?.['tillflow:TransactionStatus'] ?? statedStatus(content.attributes?.TransactionStatus)
}

function takeTraining(element: Element, type: TransactionType, values: Values): void {
  const own = element.attributes?.['tillflow:TrainingMode']
  const stated = type === 'TRAINING' && own !== undefined ? own : element.attributes?.TrainingModeFlag
  if (stated !== undefined && stated !== 'none') values.trainingMode = flag.decode(stated, false)
}

function takeLines(holder: Element, back: boolean, values: Values): void {
  values.lines = childrenOf(holder, 'LineItem').map((line) => takeLine(line, back))
  const totals = takeTotals(holder, back)
  if (totals !== undefined) values.totals = totals
}

function takeSession(content: Element, event: Element | undefined, type: TransactionType, values: Values): void {
  const own = childOf(content, 'tillflow:TillSession') ?? childOf(event, 'SessionSettle')
  if (own) values.tillSession = takeObject(tillSessionShape, own, false)
  else if (event && (type === 'TILL_DECLARATION' || type === 'TILL_SETTLE')) {
    if (event.children.length > 0) values.tillSession = takeObject(tillSessionShape, event, false)
  }
}
