import type { TransactionType } from '../../domain/transaction/codes.ts'
import type { ZReport } from '../../domain/transaction/session.ts'
import { decimalOf, magnitude, readDecimal } from './amounts.ts'
import {
  attributeOf,
  childOf,
  childrenOf,
  contentOf,
  type Element,
  findVendorElement,
  localPart,
  textOf,
} from './element.ts'
import type { LineContext } from './line-context.ts'
import { extend, readWord } from './notes.ts'
import { tenderTypeWords } from './words.ts'

/** Events that close a till or a day; their figures are a Z report where the till gave it a number. */
const closings: ReadonlySet<TransactionType> = new Set([
  'BUSINESS_DAY_CLOSE',
  'WORKSTATION_CLOSE',
  'TILL_CLOSE',
  'TILL_SETTLE',
  'SHIFT_END',
  'Z_REPORT',
])

const numberNames = ['ZNumber', 'ZReportNumber', 'ZReportNo', 'ZCounter', 'ZNr', 'ReportNumber']

/** Counts by the names of ARTS and of vendors; the first that is there. */
const countNames = {
  firstSequence: [
    'OpenTransactionSequenceNumber',
    'FirstSequenceNumber',
    'BeginSequenceNumber',
    'FirstTransactionNumber',
  ],
  lastSequence: ['CloseTransactionSequenceNumber', 'LastSequenceNumber', 'EndSequenceNumber', 'LastTransactionNumber'],
  transactionCount: ['TransactionCount'],
  voidCount: ['TransactionVoids', 'VoidCount', 'TransactionVoidCount'],
  returnCount: ['Returns', 'ReturnCount'],
  noSaleCount: ['NoSales', 'NoSaleCount'],
} as const

const amountNames = {
  grossSales: ['GrossPositiveAmount', 'TotalGrossSalesAmount'],
  netSales: ['TotalNetSalesAmount'],
  taxTotal: ['TotalTaxAmount'],
} as const

/**
 * The closing report as the till printed it; nothing is summed up. It needs the till's own number of the report: without one it is
 * a settlement like any other, and its figures stay with the till session and in `extensions.closing`.
 */
export function readZReport(event: Element, element: Element, context: LineContext): void {
  const { transaction } = context
  if (!closings.has(transaction.transactionType)) return
  const zNumber = wholeNumber(element, numberNames)
  if (zNumber === undefined) {
    keepTenderTotals(event, context)
    return
  }
  const report: ZReport = { zNumber }
  if (transaction.workstationId !== undefined) report.workstationId = transaction.workstationId
  for (const [name, theirs] of Object.entries(countNames)) {
    const count = wholeNumber(event, theirs)
    if (count !== undefined) report[name as keyof typeof countNames] = count
  }
  for (const [name, theirs] of Object.entries(amountNames)) {
    const found = theirs.map((one) => findVendorElement(event, one)).find((one) => one !== undefined)
    const amount = readDecimal(found)
    if (amount !== undefined) report[name as keyof typeof amountNames] = amount
  }
  const session = childOf(event, 'SessionSettle') ?? event
  const tenders = readTenderTotals(session, context)
  if (tenders.length > 0) report.tenders = tenders
  const rates = readRates(event)
  if (rates.length > 0) report.salesByTaxRate = rates
  copySession(report, context)
  readCounter(report, element)
  transaction.zReport = report
}

/** Without a report they have no place in the model. */
function keepTenderTotals(event: Element, context: LineContext): void {
  const tenders = readTenderTotals(childOf(event, 'SessionSettle') ?? event, context)
  if (tenders.length === 0) return
  const closing = context.transaction.extensions?.closing as Record<string, unknown> | undefined
  extend(context.transaction, 'closing', { ...closing, tenders })
}

/** What was taken by each means of payment. */
function readTenderTotals(session: Element, { notes, transaction }: LineContext): NonNullable<ZReport['tenders']> {
  return childrenOf(session, 'TenderSummary')
    .slice(0, 64)
    .flatMap((summary) => {
      const sales = childOf(summary, 'Sales')
      const amount = decimalOf(sales, 'Amount')
      if (amount === undefined) return []
      const word = attributeOf(sales, 'TenderType') ?? attributeOf(summary, 'TenderType')
      const place = { name: 'TenderType', notes, extended: transaction }
      const total = { tenderType: readWord(word, tenderTypeWords, place) ?? 'OTHER', amount } as const
      const count = textOf(sales, 'Count') ?? ''
      return [/^\d{1,15}$/.test(count) ? { ...total, count: Number(count) } : total]
    })
}

/** A closing of R10 and its like repeats rate, base and tax in `Tax` or `TaxSummary` elements. */
function readRates(event: Element): NonNullable<ZReport['salesByTaxRate']> {
  const holders = [event, childOf(event, 'SessionSettle')].flatMap((one) => (one ? one.children : []))
  return holders
    .filter((child) => /^(Tax|TaxSummary|TaxTotal)$/.test(localPart(child.name)))
    .slice(0, 64)
    .flatMap((tax) => {
      const rate = vendorDecimal(tax, ['Percent', 'Rate'])
      const amount = vendorDecimal(tax, ['Amount', 'TaxAmount'])
      if (rate === undefined || amount === undefined) return []
      const net = vendorDecimal(tax, ['TaxableAmount', 'NetAmount'])
      const gross = vendorDecimal(tax, ['GrossAmount'])
      return [
        {
          ratePercent: rate,
          tax: amount,
          ...(net !== undefined && { net }),
          ...(gross !== undefined && { gross }),
        },
      ]
    })
}

/** The drawer's own figures, where the same event stated them. */
function copySession(report: ZReport, { transaction: { tillSession } }: LineContext): void {
  if (!tillSession) return
  const { paidIn, paidOut, openingFloat, declared, overShort } = tillSession
  if (paidIn !== undefined) report.paidIn = paidIn
  if (paidOut !== undefined) report.paidOut = magnitude(paidOut)
  if (openingFloat !== undefined) report.openingFloat = openingFloat
  const counted = declared?.filter((one) => one.tenderType === 'CASH') ?? []
  if (counted.length === 1 && counted[0]) report.closingCount = counted[0].amount
  const difference = overShort?.filter((one) => one.tenderType === 'CASH') ?? []
  if (difference.length === 1 && difference[0]) report.overShort = difference[0].amount
}

function readCounter(report: ZReport, element: Element): void {
  const current = readDecimal(findVendorElement(element, 'NonResettableGrandTotal'))
  const previous = readDecimal(findVendorElement(element, 'PreviousNonResettableGrandTotal'))
  if (current !== undefined && previous !== undefined) report.nonResettableGrandTotal = { previous, current }
}

function vendorDecimal(element: Element, names: readonly string[]): string | undefined {
  return readDecimal(element.children.find((child) => names.includes(localPart(child.name))))
}

/** A count is the text of its element, or the `Count` in it. */
function wholeNumber(element: Element, names: readonly string[]): number | undefined {
  for (const name of names) {
    const found = findVendorElement(element, name)
    const count = found?.children.find((child) => localPart(child.name) === 'Count')
    const text = contentOf(count ?? found) ?? ''
    if (/^\d{1,15}$/.test(text)) return Number(text)
  }
  return undefined
}
