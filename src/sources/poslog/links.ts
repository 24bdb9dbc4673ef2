import { isIdentifier } from '../../domain/identifiers.ts'
import { linkKey } from '../../domain/identity.ts'
import { isCalendarDate } from '../../domain/time.ts'
import type { LinkType } from '../../domain/transaction/codes.ts'
import type { OriginalLink } from '../../domain/transaction/line.ts'
import type { TransactionLink } from '../../domain/transaction/transaction.ts'
import { attributeOf, type Element, textOf } from './element.ts'
import { externalText, storeOf } from './header.ts'
import type { LineContext } from './line-context.ts'
import { extend, readWord } from './notes.ts'
import { linkWords } from './words.ts'

/** A TransactionLink; `otherwise` is what the place of the link means where its reason says nothing. */
export function readLink(element: Element, context: LineContext, otherwise?: LinkType): TransactionLink | undefined {
  const { notes, transaction } = context
  const reason = attributeOf(element, 'ReasonCode') ?? textOf(element, 'ReasonCode')
  const linkType = otherwise ?? readWord(reason, linkWords, { name: 'TransactionLink', notes, extended: transaction })
  if (linkType === undefined) return undefined
  const link: TransactionLink = { linkType }
  const store = storeOf(element)
  if (store !== undefined && isIdentifier(store)) link.businessUnitId = store
  const workstation = textOf(element, 'WorkstationID')
  if (workstation !== undefined && isIdentifier(workstation)) link.workstationId = workstation
  const sequence = textOf(element, 'SequenceNumber') ?? textOf(element, 'TransactionSequenceNumber') ?? ''
  if (/^\d{1,15}$/.test(sequence)) link.sequenceNumber = Number(sequence)
  const day = (textOf(element, 'BusinessDayDate') ?? '').slice(0, 10)
  if (isCalendarDate(day)) link.businessDayDate = day
  const receipt = externalText(textOf(element, 'ReceiptNumber') ?? textOf(element, 'TransactionID'))
  if (receipt !== undefined) link.receiptNumber = receipt
  if (reason !== undefined && linkWords.has(reason)) link.reasonCode = reason
  return link
}

/** Which line of which receipt an item comes back from. */
export function readOriginalLink(element: Element, context: LineContext): OriginalLink {
  const link = readLink(element, context, 'RETURN_OF')
  const original: OriginalLink = {}
  if (!link) return original
  const key = linkKey(link, context.transaction, context.profile)
  if (key !== undefined) original.transactionKey = key
  const lineNumber = Number(textOf(element, 'LineItemSequenceNumber') ?? Number.NaN)
  if (Number.isSafeInteger(lineNumber) && lineNumber > 0) original.lineNumber = lineNumber
  addLink(context, link)
  return original
}

/** Each original once, however many lines come back from it. */
export function addLink({ transaction }: LineContext, link: TransactionLink | undefined): void {
  if (!link) return
  const links = transaction.links ?? []
  const text = JSON.stringify(link)
  if (links.some((known) => JSON.stringify(known) === text)) return
  if (links.length >= 100) extend(transaction, 'linksLeftOut', true)
  else transaction.links = [...links, link]
}
