import { decimal, formatDecimal, negate } from '../../domain/decimal.ts'
import type { TenderCount, TillSession } from '../../domain/transaction/session.ts'
import { decimalOf, magnitude, readDecimal } from './amounts.ts'
import { attributeOf, childOf, childrenOf, contentOf, type Element, findVendorElement, textOf } from './element.ts'
import type { LineContext } from './line-context.ts'
import { extend, readWord } from './notes.ts'
import { vendorTotal } from './totals.ts'
import { tenderTypeWords } from './words.ts'

/** Figures of a closing report that have no place in a drawer; kept as printed, by their ARTS names. */
const printedNames = [
  'TransactionCount',
  'TotalNetSalesAmount',
  'TotalNetReturnAmount',
  'TotalTaxAmount',
  'GrossPositiveAmount',
  'GrossNegativeAmount',
]

/** Movements of the drawer by the element that sums them up. */
const movementNames = { loans: 'Loans', pickups: 'TenderPickup', paidIn: 'PaidIn', paidOut: 'PaidOut' } as const

/** What a till counted, per means of payment, with what it is over or short, and what else it printed at its closing. */
export function readTillSession(event: Element, context: LineContext): void {
  const session: TillSession = {}
  for (const [name, theirs] of Object.entries(movementNames)) {
    const amount = sumIn(childOf(event, theirs))
    if (amount !== undefined) session[name as keyof typeof movementNames] = magnitude(amount)
  }
  const printed = printedNames.flatMap((name) => {
    const figure = decimalOf(event, name)
    return figure === undefined ? [] : [[name, figure]]
  })
  if (printed.length > 0) extend(context.transaction, 'closing', Object.fromEntries(printed))
  const [declared, expected, overShort]: TenderCount[][] = [[], [], []]
  for (const summary of childrenOf(event, 'TenderSummary').slice(0, 64)) {
    const type = [summary, ...summary.children]
      .map((one) => attributeOf(one, 'TenderType') ?? textOf(one, 'TenderType'))
      .find((word) => word !== undefined)
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

/** The amount of a movement: its own, or that of its `Total` or `Totals`. */
function sumIn(element: Element | undefined): string | undefined {
  if (element === undefined || element.children.length === 0) return readDecimal(element)
  return decimalOf(element, 'Amount') ?? sumIn(childOf(element, 'Total') ?? childOf(element, 'Totals'))
}

function leafDecimal(element: Element, name: string): string | undefined {
  const child = childOf(element, name)
  return child && child.children.length === 0 && contentOf(child) !== undefined ? readDecimal(child) : undefined
}

/** The counter that no till can reset is checked over a range of receipts, never per receipt: it travels beside the figures. */
export function readGrandTotalCounter(element: Element, content: Element, context: LineContext): void {
  for (const name of ['NonResettableGrandTotal', 'PreviousNonResettableGrandTotal']) {
    const counter = findVendorElement(element, name)
    extend(context.transaction, name, counter ? readDecimal(counter) : vendorTotal(content, name))
  }
}
