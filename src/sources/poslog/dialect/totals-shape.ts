import type { Totals } from '../../../domain/transaction/totals.ts'
import { childrenOf, type Element } from '../element.ts'
import { Unrepresentable } from '../notes.ts'
import { figure, reduction } from './codecs.ts'
import type { Values } from './shape.ts'

/** The till's figures as TotalType; the standard's list has no word for change and rounding. */
const totalTypes: Readonly<Record<keyof Totals, string>> = {
  grossSales: 'TransactionGrossAmount',
  discounts: 'DiscountAmount',
  netSales: 'TransactionNetAmount',
  taxIncluded: 'TransactionTaxIncluded',
  taxAdded: 'TransactionTaxSurcharge',
  taxTotal: 'TransactionTaxAmount',
  rounding: 'tillflow:TransactionRounding',
  tip: 'TransactionTipAmount',
  grandTotal: 'TransactionGrandAmount',
  tenderTotal: 'TransactionTenderApplied',
  changeTotal: 'tillflow:TransactionChange',
  nonSalesTotal: 'TransactionNonSalesAmount',
  itemCount: 'TransactionItemCount',
}

const names = Object.keys(totalTypes) as (keyof Totals)[]
const namesByType = new Map(names.map((name) => [totalTypes[name], name]))

export function putTotals(totals: Totals, goesBack: boolean): string {
  let written = ''
  for (const name of names) {
    const value = totals[name]
    if (value === undefined) continue
    const codec = name === 'discounts' ? reduction : figure
    written += `<Total TotalType="${totalTypes[name]}">${codec.encode(value, goesBack)}</Total>`
  }
  return written === '' ? '<tillflow:Empty>totals</tillflow:Empty>' : written
}

export function takeTotals(holder: Element, goesBack: boolean): Values | undefined {
  const totals: Values = {}
  for (const element of childrenOf(holder, 'Total')) {
    const name = namesByType.get(element.attributes?.TotalType ?? '')
    if (name === undefined) throw new Unrepresentable('schema-violation', 'A Total is of a kind that is not written.')
    const codec = name === 'discounts' ? reduction : figure
    totals[name] = codec.decode(element.text, goesBack)
  }
  if (Object.keys(totals).length > 0) return totals
  return childrenOf(holder, 'tillflow:Empty').some((one) => one.text === 'totals') ? totals : undefined
}
