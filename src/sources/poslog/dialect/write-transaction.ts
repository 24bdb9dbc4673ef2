import type { TransactionType } from '../../../domain/transaction/codes.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { putCash } from './cash.ts'
import { type Container, containerOf, goesBack, statedStatus, statedType, statusWord } from './containers.ts'
import { contentParts } from './content-parts.ts'
import { headerAttributes, headerParts, trailerParts } from './header-shape.ts'
import { putLine } from './line-shape.ts'
import { tillSessionShape } from './session-shape.ts'
import { object, putAll, putElement, type Values } from './shape.ts'
import { putTotals } from './totals-shape.ts'
import { dialectMark, dialectVersion } from './vocabulary.ts'

/** One transaction as a Transaction element. */
export function putTransaction(transaction: Transaction): string {
  const values = transaction as unknown as Values
  const container = containerOf(transaction)
  const attributes = putTypeAndStatus(transaction, container) + putTraining(transaction)
  const head = putAll(headerParts, values, false)
  const content = putContainer(transaction, values, container)
  const trailer = putAll(trailerParts, values, false)
  const own = ` ${dialectMark}="${dialectVersion}"${attributes}${putAll(headerAttributes, values, false)}`
  return `<Transaction${own}>${head}${content}${trailer}</Transaction>`
}

/** What the container and its status word do not say. */
function putTypeAndStatus(transaction: Transaction, { name, event }: Container): string {
  const { transactionType, status } = transaction
  const type = statedType(name, event) === transactionType ? '' : ` tillflow:TransactionType="${transactionType}"`
  const said = isReceipt(name) ? statedStatus(statusWord(transaction)) : 'COMPLETED'
  return said === status ? type : `${type} tillflow:TransactionStatus="${status}"`
}

/** Training is marked for every reader, also where only the type says it. */
function putTraining({ transactionType, trainingMode }: Transaction): string {
  if (transactionType !== 'TRAINING') return trainingMode === undefined ? '' : ` TrainingModeFlag="${trainingMode}"`
  const own = trainingMode === true ? '' : ` tillflow:TrainingMode="${trainingMode ?? 'none'}"`
  return ` TrainingModeFlag="true"${own}`
}

function isReceipt(name: string): boolean {
  return name === 'RetailTransaction' || name === 'CustomerOrderTransaction'
}

function putContainer(transaction: Transaction, values: Values, container: Container): string {
  const back = goesBack(transaction.transactionType)
  let lines = ''
  for (const line of transaction.lines) lines += putLine(line, back)
  const totals = transaction.totals === undefined ? '' : putTotals(transaction.totals, back)
  const rest = putAll(contentParts, values, false)
  const { name, event } = container
  if (event === undefined) {
    const cash = putCash(transaction).beside
    const session = ownSession.put(values, false)
    return `<${name} TransactionStatus="${statusWord(transaction)}">${lines}${totals}${rest}${cash}${session}</${name}>`
  }
  const happened = putEvent(transaction, values, event)
  // Control transactions of POSLog have neither lines nor totals.
  const own = lines + totals === '' ? '' : `<tillflow:Lines>${lines}${totals}</tillflow:Lines>`
  return `<${name}>${happened}${rest}${own}</${name}>`
}

const ownSession = object('tillSession', 'tillflow:TillSession', tillSessionShape)
const settleEvents: ReadonlySet<TransactionType> = new Set(['TILL_DECLARATION', 'TILL_SETTLE'])

function putEvent(transaction: Transaction, _values: Values, event: string): string {
  const cash = putCash(transaction)
  const { tillSession } = transaction
  let session = ''
  if (tillSession !== undefined) {
    const stated = tillSession as unknown as Values
    // A settlement is the session itself; other events carry one.
    session = settleEvents.has(transaction.transactionType)
      ? putAll(tillSessionShape.children, stated, false) || emptySession
      : putElement('SessionSettle', tillSessionShape, stated, false)
  }
  const inner = cash.inside + session
  return (inner === '' ? `<${event}/>` : `<${event}>${inner}</${event}>`) + cash.beside
}

const emptySession = '<tillflow:Empty>tillSession</tillflow:Empty>'
