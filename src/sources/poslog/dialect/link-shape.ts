import { childOf } from '../element.ts'
import { number } from './codecs.ts'
import { attribute, group, leaf, type Part, type Shape, type Values } from './shape.ts'
import { linkWord } from './standard-words.ts'
import { xmlText } from './xml-text.ts'

/** Another transaction, by its till number or by the key that Tillflow gives it. */
export const linkShape: Shape = {
  attributes: [attribute('linkType', 'ReasonCode', linkWord)],
  children: [
    group('BusinessUnit', { children: [leaf('businessUnitId', 'UnitID')] }),
    leaf('workstationId', 'WorkstationID'),
    leaf('sequenceNumber', 'SequenceNumber', number),
    leaf('businessDayDate', 'BusinessDayDate'),
    leaf('receiptNumber', 'ReceiptNumber'),
    leaf('series', 'tillflow:Series'),
    leaf('reasonCode', 'tillflow:ReasonCode'),
    leaf('transactionKey', 'tillflow:TransactionKey'),
  ],
}

/** A transaction key of a till number, in its parts: store, workstation, series, number and business day. */
const tillKey = /^till:([\w.-]{1,64})\/([\w.-]{1,64})\/[\w.-]{1,64}\/(\d{1,16})(?:@(\d{4}-\d{2}-\d{2}))?$/

/**
 * The line of a sale that a return takes back. The model holds its key, POSLog the parts of one: both are written, and the key is
 * read.
 */
export const originalLinkPart: Part = {
  put(values) {
    const link = values.originalLink as Values | undefined
    if (link === undefined) return ''
    const { transactionKey, lineNumber } = link
    const [, store, workstation, sequence, day] = tillKey.exec((transactionKey as string | undefined) ?? '') ?? []
    const till =
      store === undefined
        ? ''
        : `<BusinessUnit><UnitID>${store}</UnitID></BusinessUnit><WorkstationID>${workstation}</WorkstationID><SequenceNumber>${sequence}</SequenceNumber>`
    const date = day === undefined ? '' : `<BusinessDayDate>${day}</BusinessDayDate>`
    const line =
      lineNumber === undefined ? '' : `<LineItemSequenceNumber>${String(lineNumber)}</LineItemSequenceNumber>`
    const key =
      transactionKey === undefined
        ? ''
        : `<tillflow:TransactionKey>${xmlText(transactionKey as string)}</tillflow:TransactionKey>`
    return `<TransactionLink ReasonCode="Return">${till}${date}${line}${key}</TransactionLink>`
  },
  take(element, values, turned) {
    const stated = childOf(element, 'TransactionLink')
    if (!stated) return
    const link: Values = {}
    leaf('lineNumber', 'LineItemSequenceNumber', number).take(stated, link, turned)
    leaf('transactionKey', 'tillflow:TransactionKey').take(stated, link, turned)
    values.originalLink = link
  },
}
