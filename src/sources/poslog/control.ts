import type { TransactionType } from '../../domain/transaction/codes.ts'
import { amountOf, belowZero, magnitude, readAmount } from './amounts.ts'
import { cutText } from './cut-text.ts'
import { childOf, childrenOf, contentOf, type Element, localPart, textOf } from './element.ts'
import { externalText } from './header.ts'
import type { LineContext } from './line-context.ts'
import { addLink, readLink } from './links.ts'
import { extend, keepWord } from './notes.ts'
import { readTillSession } from './till-session.ts'
import { controlWords, tenderControlWords } from './words.ts'
import { readZReport } from './z-report.ts'

const plainNames = new Set([
  'ReasonCode',
  'TransactionLink',
  'ReceiptDateTime',
  'TransactionCount',
  'Description',
  'Note',
])

/** Sign-on, no sale, opening, closing: a ControlTransaction holds one event under its own name. */
export function readControl(element: Element, content: Element, context: LineContext): void {
  const { transaction } = context
  const event = eventOf(content)
  transaction.transactionType = typeOf(event, controlWords, context)
  const reason = textOf(content, 'ReasonCode') ?? textOf(event, 'ReasonCode')
  if (reason !== undefined) extend(transaction, 'ReasonCode', cutText(reason, 64))
  if (transaction.transactionType === 'POST_VOID') {
    const links = [...childrenOf(content, 'TransactionLink'), ...childrenOf(event, 'TransactionLink')]
    const own = event && textOf(event, 'SequenceNumber') !== undefined ? [event] : []
    for (const link of links.length > 0 ? links : own) addLink(context, readLink(link, context, 'POST_VOID_OF'))
  }
  if (transaction.transactionType === 'CANCELLED') transaction.status = 'CANCELLED'
  const settled = childOf(event, 'SessionSettle')
  if (settled) readTillSession(settled, context)
  if (event) readZReport(event, element, context)
}

/** Whether the money of an event goes into the drawer or out of it. */
export const cashDirection: Partial<Record<TransactionType, 'in' | 'out'>> = {
  PAID_IN: 'in',
  TENDER_LOAN: 'in',
  PAID_OUT: 'out',
  PETTY_CASH: 'out',
  SAFE_DROP: 'out',
  TENDER_PICKUP: 'out',
  BANK_DEPOSIT: 'out',
}

/** Money that moves without a sale: paid in or out, loans, pickups, declarations and settlements of a till. */
export function readTenderControl(element: Element, content: Element, context: LineContext): void {
  const { transaction } = context
  const event = eventOf(content)
  transaction.transactionType = typeOf(event, tenderControlWords, context)
  const way = cashDirection[transaction.transactionType]
  const stated = (event && movedAmount(event)) ?? amountOf(content, 'Amount')
  if (way !== undefined && stated !== undefined) {
    transaction.cashMovement = { amount: way === 'in' ? magnitude(stated) : belowZero(stated) }
    const reason = externalText(
      (event && vendorText(event, 'ReasonCode', 'Reason')) ?? vendorText(content, 'ReasonCode', 'Reason'),
    )
    if (reason !== undefined) transaction.cashMovement.reasonCode = reason
  }
  if (transaction.transactionType === 'TILL_DECLARATION' || transaction.transactionType === 'TILL_SETTLE') {
    if (event) readTillSession(childOf(event, 'SessionSettle') ?? event, context)
    if (event) readZReport(event, element, context)
  }
}

const amountNames = new Set(['Amount', 'DropAmount', 'TotalAmount'])
const amountHolders = new Set(['Totals', 'Total', 'Tender'])

/** The money of an event: its own amount, or that of its one total or tender. GK writes all of them under a prefix of its own. */
function movedAmount(event: Element): string | undefined {
  const own = event.children.find((child) => amountNames.has(localPart(child.name)))
  if (own) return readAmount(own)
  const holder = event.children.filter((child) => amountHolders.has(localPart(child.name)))
  return holder.length === 1 && holder[0] ? movedAmount(holder[0]) : undefined
}

function vendorText(element: Element, ...names: readonly string[]): string | undefined {
  for (const name of names) {
    const found = element.children.find((child) => localPart(child.name) === name)
    if (found) return contentOf(found)
  }
  return undefined
}

function eventOf(content: Element): Element | undefined {
  return content.children.find((child) => !plainNames.has(child.name))
}

function typeOf(
  event: Element | undefined,
  words: ReadonlyMap<string, TransactionType>,
  { transaction, notes }: LineContext,
): TransactionType {
  const known = event && (words.get(event.name) ?? words.get(localPart(event.name)))
  if (event && known === undefined) keepWord(event.name, { name: 'ControlTransaction', notes, extended: transaction })
  return known ?? 'UNKNOWN'
}
