import { decimal, formatDecimal, negate } from '../../domain/decimal.ts'
import type { TenderCount, TillSession } from '../../domain/transaction/session.ts'
import { decimalOf, magnitude, readDecimal } from './amounts.ts'
import { attributeOf, childOf, childrenOf, contentOf, type Element, findVendorElement, textOf } from './element.ts'
import type { LineContext } from './line-context.ts'
import { extend, readWord } from './notes.ts'
import { tenderTypeWords } from './words.ts'

/** What a till counted, per means of payment, with what it is over or short. */
export function readTillSession(event: Element, context: LineContext): void {
  const session: TillSession = {}
  const [declared, expected, overShort]: TenderCount[][] = [[], [], []]
  for (const summary of childrenOf(event, 'TenderSummary').slice(0, 64)) {
    const type = attributeOf(summary, 'TenderType') ?? textOf(summary, 'TenderType')
    const place = { name: 'TenderType', notes: context.notes, extended: context.transaction }
    const tenderType = readWord(type, tenderTypeWords, place) ?? 'OTHER'
    const count = (list: TenderCount[] | undefined, amount: string | undefined) => {
      if (amount !== undefined) list?.push({ tenderType, amount })
    }
    const figure = (name: string) => decimalOf(childOf(summary, name), 'Amount') ?? leafDecimal(summary, name)
    count(declared, figure('Ending') ?? figure('Declared') ?? figure('Amount'))
    count(expected, figure('Expected'))
    const short = figure('Short')
    count(
      overShort,
      figure('Over') ?? (short === undefined ? undefined : formatDecimal(negate(decimal(magnitude(short))), 2)),
    )
    const opening = figure('Beginning')
    if (opening !== undefined && tenderType === 'CASH') session.openingFloat = opening
  }
  if (declared && declared.length > 0) session.declared = declared
  if (expected && expected.length > 0) session.expected = expected
  if (overShort && overShort.length > 0) session.overShort = overShort
  if (Object.keys(session).length > 0) context.transaction.tillSession = session
}

function leafDecimal(element: Element, name: string): string | undefined {
  const child = childOf(element, name)
  return child && child.children.length === 0 && contentOf(child) !== undefined ? readDecimal(child) : undefined
}

/** The counter that no till can reset is checked over a range of receipts, never per receipt: it travels beside the figures. */
export function readGrandTotalCounter(element: Element, context: LineContext): void {
  for (const name of ['NonResettableGrandTotal', 'PreviousNonResettableGrandTotal']) {
    const counter = findVendorElement(element, name)
    if (counter) extend(context.transaction, name, readDecimal(counter))
  }
}
