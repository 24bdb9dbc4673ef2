import { isNegative } from '../amounts.ts'
import { childOf } from '../element.ts'
import { amount, figure, flag } from './codecs.ts'
import { attribute, group, leaf, object, type Part, type Shape, type Values } from './shape.ts'
import { taxTypeWord } from './standard-words.ts'

const taxParts: { attributes: Part[]; children: Part[] } = {
  attributes: [
    attribute('taxType', 'TaxType', taxTypeWord),
    // POSLog says of a taxable amount whether it contains the tax, of a price it does not.
    attribute('includedInPrice', 'tillflow:IncludedInPrice', flag),
  ],
  children: [
    leaf('taxAuthority', 'TaxAuthority'),
    leaf('taxableAmount', 'TaxableAmount', amount),
    leaf('taxAmount', 'Amount', amount),
    leaf('ratePercent', 'Percent', figure),
    leaf('taxRuleId', 'TaxRuleID'),
    leaf('taxGroupId', 'TaxGroupID'),
  ],
}

/** The tax of one line. */
export const lineTaxShape: Shape = {
  attributes: taxParts.attributes,
  children: [
    ...taxParts.children,
    object('exempt', 'TaxExemption', {
      children: [leaf('reason', 'ReasonCode'), leaf('certificate', 'CertificateNumber')],
    }),
  ],
}

/** The receipt's tax of one rate: of money that goes back, TypeCode says so. */
export const taxLineShape: Shape = { attributes: taxParts.attributes, children: taxParts.children }

const refund = 'Refund'

/** Whether an amount goes back, and with it every signed figure of its element. */
export function isTurned(stated: unknown): boolean {
  return typeof stated === 'string' && isNegative(stated)
}

/** Wraps the shape of a money element, so that its own amount decides about its sign. */
export function signedByTypeCode(field: string, name: string, shape: Shape): Part {
  const plain = group(name, shape)
  const back = group(name, { ...shape, attributes: [refundMark, ...(shape.attributes ?? [])] })
  return {
    put: (values) => (isTurned(values[field]) ? back.put(values, true) : plain.put(values, false)),
    take(element, values) {
      const turned = childOf(element, name)?.attributes?.TypeCode === refund
      plain.take(element, values, turned)
    },
  }
}

const refundMark: Part = {
  put: () => ` TypeCode="${refund}"`,
  take: (_element, _values: Values) => undefined,
}
