import type { LineTax, SaleLine, TaxLine } from '../../domain/transaction/line.ts'
import { belowZero, decimalOf, readDecimal } from './amounts.ts'
import { cutText } from './cut-text.ts'
import { attributeOf, childOf, childrenOf, type Element, flagOf, textOf } from './element.ts'
import { externalText } from './header.ts'
import type { LineContext } from './line-context.ts'
import { readWord, Unrepresentable } from './notes.ts'
import { taxTypeWords } from './words.ts'

type AnyTax = Omit<LineTax, 'taxAmount'>

const taxesMax = 20

/** Taxes of one item. Whether prices contain them is decided later, by the figures of the whole receipt. */
export function readLineTaxes(item: Element, isReturn: boolean, context: LineContext, line: SaleLine): LineTax[] {
  const elements = childrenOf(item, 'Tax').filter((tax) => !flagOf(tax, 'VoidFlag'))
  if (elements.length > taxesMax) {
    throw new Unrepresentable('unreadable-content', `A line has more than ${taxesMax} taxes.`)
  }
  return elements.map((element) => {
    const tax: LineTax = readTax(element, isReturn, context, line)
    const amount = decimalOf(element, 'Amount')
    if (amount !== undefined) tax.taxAmount = isReturn ? belowZero(amount) : amount
    const exemption = childOf(element, 'TaxExemption')
    if (exemption) {
      const certificate = externalText(textOf(exemption, 'CertificateNumber'))
      tax.exempt = { reason: cutText(textOf(exemption, 'ReasonCode') ?? 'exempt', 64) }
      if (certificate !== undefined) tax.exempt.certificate = certificate
    }
    return tax
  })
}

/** The receipt's tax of one rate, as printed. */
export function readTaxLine(element: Element, lineNumber: number, context: LineContext): TaxLine {
  const line: TaxLine = {
    lineNumber,
    lineType: 'TAX',
    taxType: 'OTHER',
    taxAmount: '0',
    includedInPrice: false,
  }
  const isReturn = context.takesBack || /^(Refund|Return)$/.test(attributeOf(element, 'TypeCode') ?? '')
  const amount = readDecimal(childOf(element, 'Amount')) ?? '0'
  Object.assign(line, readTax(element, isReturn, context, line))
  line.taxAmount = isReturn ? belowZero(amount) : amount
  return line
}

function readTax(
  element: Element,
  isReturn: boolean,
  { notes, transaction }: LineContext,
  extended: SaleLine | TaxLine,
): AnyTax {
  const word = attributeOf(element, 'TaxType')
  const place = { name: 'TaxType', notes, extended }
  const authority = externalText(textOf(element, 'TaxAuthority'))
  const tax: AnyTax = {
    taxType:
      readWord(word, taxTypeWords, place) ??
      // Senders that do not name the tax may name it as the authority.
      taxTypeWords.get(authority ?? '') ??
      usualTaxType(transaction.currency),
    includedInPrice: false,
  }
  const rate = decimalOf(element, 'Percent')
  if (rate !== undefined) tax.ratePercent = rate
  const taxable = decimalOf(element, 'TaxableAmount')
  if (taxable !== undefined) tax.taxableAmount = isReturn ? belowZero(taxable) : taxable
  if (authority !== undefined) tax.taxAuthority = authority
  const group = externalText(textOf(element, 'TaxGroupID') ?? attributeOf(element, 'acs:TaxID'))
  if (group !== undefined) tax.taxGroupId = group
  const rule = externalText(textOf(element, 'TaxRuleID'))
  if (rule !== undefined) tax.taxRuleId = rule
  return tax
}

/** Senders of 2.x do not name the tax; where there is only one kind it needs no name. */
function usualTaxType(currency: string): LineTax['taxType'] {
  return currency === 'USD' ? 'SALES' : currency === 'EUR' || currency === 'SEK' ? 'VAT' : 'OTHER'
}
