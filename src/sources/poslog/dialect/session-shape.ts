import type { TenderCount } from '../../../domain/transaction/session.ts'
import { isNegative, magnitude } from '../amounts.ts'
import { childOf, childrenOf, type Element } from '../element.ts'
import { figure, number } from './codecs.ts'
import {
  attribute,
  group,
  leaf,
  object,
  objects,
  type Part,
  putAll,
  type Shape,
  takeElement,
  type Values,
} from './shape.ts'
import { tenderTypeWord } from './standard-words.ts'
import { xmlText } from './xml-text.ts'

type Counts = readonly TenderCount[]

/** What was counted, expected and missing of one means of payment stands in one TenderSummary. */
const lists = { declared: ['Ending'], expected: ['Expected'], overShort: ['Over', 'Short'] } as const
type ListName = keyof typeof lists
const listNames = Object.keys(lists) as ListName[]

const denominations: Shape = {
  children: [
    objects('denominations', 'tillflow:Denomination', {
      attributes: [attribute('value', 'Value', figure), attribute('count', 'Count', number)],
    }),
  ],
}

const summaryHead: Shape = { attributes: [attribute('tenderType', 'TenderType', tenderTypeWord)] }

/** The lists side by side: entries of one place share a summary where they are about the same money. */
const tenderSummaries: Part = {
  put(values) {
    const counts = listNames.map((name) => (values[name] ?? []) as Counts)
    const length = Math.max(...counts.map((list) => list.length))
    let float = values.openingFloat as string | undefined
    let written = ''
    for (let index = 0; index < length; index += 1) {
      const entries = listNames.map((_, at) => counts[at]?.[index])
      for (const together of sharedSummaries(entries)) {
        const first = together.find((entry) => entry !== undefined)
        if (first === undefined) continue
        const isCash = first.tenderType === 'CASH' && first.currency === undefined
        const beginning = isCash && float !== undefined ? `<Beginning><Amount>${float}</Amount></Beginning>` : ''
        if (isCash) float = undefined
        const type = putAll(summaryHead.attributes, first as unknown as Values, false)
        written += `<TenderSummary${type}>${beginning}${together.map(putCount).join('')}</TenderSummary>`
      }
    }
    const empty = listNames.filter((name) => (values[name] as Counts | undefined)?.length === 0)
    const own = float === undefined ? '' : `<tillflow:OpeningFloat>${float}</tillflow:OpeningFloat>`
    return written + own + empty.map((name) => `<tillflow:Empty>${name}</tillflow:Empty>`).join('')
  },
  take(element, values) {
    for (const name of listNames) takeList(element, name, values)
    const stated = childrenOf(element, 'TenderSummary')
      .map((summary) => childOf(childOf(summary, 'Beginning'), 'Amount'))
      .find((one) => one !== undefined)
    const float = stated ?? childOf(element, 'tillflow:OpeningFloat')
    if (float) values.openingFloat = float.text
  },
}

/** One summary for all three entries, or one for each where they differ in their money. */
function sharedSummaries(entries: readonly (TenderCount | undefined)[]): (TenderCount | undefined)[][] {
  const stated = entries.flatMap((entry) => (entry ? [entry] : []))
  const [first] = stated
  const same = stated.every((one) => one.tenderType === first?.tenderType && one.currency === first?.currency)
  if (same) return [[...entries]]
  return entries.flatMap((entry, at) => (entry ? [entries.map((_, index) => (index === at ? entry : undefined))] : []))
}

function putCount(entry: TenderCount | undefined, at: number): string {
  const name = listNames[at]
  if (entry === undefined || name === undefined) return ''
  const isShort = name === 'overShort' && isNegative(entry.amount)
  const element = isShort ? 'Short' : lists[name][0]
  const money = isShort ? magnitude(entry.amount) : entry.amount
  const unit = entry.currency === undefined ? '' : ` Currency="${xmlText(entry.currency)}"`
  const pieces = putAll(denominations.children, entry as unknown as Values, false)
  return `<${element}><Amount${unit}>${money}</Amount>${pieces}</${element}>`
}

function takeList(element: Element, name: ListName, values: Values): void {
  const entries = childrenOf(element, 'TenderSummary').flatMap((summary) => {
    const stated = lists[name].map((one) => childOf(summary, one)).find((one) => one !== undefined)
    return stated === undefined ? [] : [takeCount(summary, stated)]
  })
  if (entries.length > 0) values[name] = entries
  else if (childrenOf(element, 'tillflow:Empty').some((one) => one.text === name)) values[name] = []
}

function takeCount(summary: Element, stated: Element): Values {
  const values: Values = {}
  takeElement(summaryHead, summary, values, false)
  const money = childOf(stated, 'Amount')
  if (money) values.amount = stated.name === 'Short' ? `-${money.text}` : money.text
  const currency = money?.attributes?.Currency
  if (currency !== undefined) values.currency = currency
  takeElement(denominations, stated, values, false)
  return values
}

const movement = (field: string, name: string, total: string): Part =>
  group(name, { children: [group(total, { children: [leaf(field, 'Amount', figure)] })] })

/** A drawer from float to count: the content of TillSettle, TillDeclaration and SessionSettle. */
export const tillSessionShape: Shape = {
  children: [
    tenderSummaries,
    movement('loans', 'Loans', 'Total'),
    movement('pickups', 'TenderPickup', 'Totals'),
    group('PaidIn', { children: [leaf('paidIn', 'Amount', figure)] }),
    group('PaidOut', { children: [leaf('paidOut', 'Amount', figure)] }),
    leaf('sessionId', 'tillflow:SessionID'),
    leaf('openedAt', 'tillflow:OpenedAt'),
    leaf('closedAt', 'tillflow:ClosedAt'),
    leaf('cashSales', 'tillflow:CashSales', figure),
    leaf('cashRefunds', 'tillflow:CashRefunds', figure),
  ],
}

/** The till's closing report: POSLog has no word for it. */
export const zReportShape: Shape = {
  children: [
    leaf('zNumber', 'tillflow:ZNumber', number),
    leaf('workstationId', 'tillflow:WorkstationID'),
    leaf('firstSequence', 'tillflow:FirstSequence', number),
    leaf('lastSequence', 'tillflow:LastSequence', number),
    leaf('transactionCount', 'tillflow:TransactionCount', number),
    leaf('voidCount', 'tillflow:VoidCount', number),
    leaf('returnCount', 'tillflow:ReturnCount', number),
    leaf('noSaleCount', 'tillflow:NoSaleCount', number),
    objects('salesByTaxRate', 'tillflow:SalesByTaxRate', {
      children: [
        leaf('ratePercent', 'tillflow:Percent', figure),
        leaf('net', 'tillflow:Net', figure),
        leaf('tax', 'tillflow:Tax', figure),
        leaf('gross', 'tillflow:Gross', figure),
      ],
    }),
    objects('tenders', 'tillflow:TenderTotal', {
      attributes: [attribute('tenderType', 'TenderType', tenderTypeWord)],
      children: [leaf('amount', 'tillflow:Amount', figure), leaf('count', 'tillflow:Count', number)],
    }),
    leaf('grossSales', 'tillflow:GrossSales', figure),
    leaf('netSales', 'tillflow:NetSales', figure),
    leaf('taxTotal', 'tillflow:TaxTotal', figure),
    leaf('paidIn', 'tillflow:PaidIn', figure),
    leaf('paidOut', 'tillflow:PaidOut', figure),
    leaf('openingFloat', 'tillflow:OpeningFloat', figure),
    leaf('closingCount', 'tillflow:ClosingCount', figure),
    leaf('overShort', 'tillflow:OverShort', figure),
    object('nonResettableGrandTotal', 'tillflow:NonResettableGrandTotal', {
      children: [leaf('previous', 'tillflow:Previous', figure), leaf('current', 'tillflow:Current', figure)],
    }),
  ],
}
