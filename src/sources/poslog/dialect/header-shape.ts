import { figure, flag, json, number } from './codecs.ts'
import { attribute, content, group, leaf, object, type Part, type Shape, texts, type Values } from './shape.ts'
import { channelWord, fiscalStatusWord, workstationTypeWord } from './standard-words.ts'
import { xmlText } from './xml-text.ts'

/** A business day is the till's own unless it is said to be derived; `none`: nobody says where it comes from. */
const daySource: Part = {
  put({ businessDayDateSource: source }) {
    if (source === 'REPORTED') return ''
    return ` tillflow:Source="${source === undefined ? 'none' : 'derived'}"`
  },
  take(element, values) {
    const source = element.attributes?.['tillflow:Source']
    if (source === 'none') return
    values.businessDayDateSource = source === 'derived' ? 'DERIVED' : 'REPORTED'
  },
}

/** Offsets are the till's own unless they are said to be something else. */
const offsetSource: Part = {
  put({ utcOffsetSource: source }) {
    return source === 'PRESENT' ? '' : ` tillflow:OffsetSource="${source === undefined ? 'none' : (source as string)}"`
  },
  take(element, values) {
    const source = element.attributes?.['tillflow:OffsetSource']
    if (source !== 'none') values.utcOffsetSource = source ?? 'PRESENT'
  },
}

const sourceShape: Shape = {
  children: [
    leaf('system', 'tillflow:System'),
    leaf('version', 'tillflow:Version'),
    leaf('transactionId', 'tillflow:TransactionID'),
  ],
}

/** The sender's own id. Beside a vendor fact or another system our elements say whose it is. */
const transactionId: Part = {
  put({ source, vendorFact }) {
    const stated = source as { system: string; version?: string; transactionId?: string } | undefined
    const fact = vendorFact as { objectId: string } | undefined
    const id = stated?.transactionId ?? fact?.objectId
    const standard = id === undefined ? '' : `<TransactionID>${xmlText(id)}</TransactionID>`
    return isPlain(stated, fact) ? standard : standard + sourcePart.put({ source }, false)
  },
  take(element, values) {
    sourcePart.take(element, values, false)
    if (values.source !== undefined || element.children.some((one) => one.name === 'tillflow:VendorFact')) return
    const plain: Values = {}
    leaf('transactionId', 'TransactionID').take(element, plain, false)
    if (plain.transactionId !== undefined) values.source = { system: plainSystem, ...plain }
  },
}

const plainSystem = 'POSLog'
const sourcePart = object('source', 'tillflow:Source', sourceShape)

function isPlain(
  source: { system: string; version?: string; transactionId?: string } | undefined,
  fact: object | undefined,
): boolean {
  if (fact !== undefined) return false
  return source?.system === plainSystem && source.version === undefined && source.transactionId !== undefined
}

/** Where, when, who and which number; before the content of a Transaction. */
export const headerParts: readonly Part[] = [
  group('BusinessUnit', {
    children: [leaf('businessUnitId', 'UnitID'), leaf('gln', 'tillflow:GLN')],
  }),
  leaf('organizationId', 'tillflow:OrganizationID'),
  group('WorkstationID', {
    attributes: [attribute('workstationType', 'TypeCode', workstationTypeWord)],
    text: content('workstationId'),
  }),
  leaf('tillId', 'TillID'),
  leaf('series', 'tillflow:Series'),
  leaf('sequenceNumber', 'SequenceNumber', number),
  transactionId,
  object('vendorFact', 'tillflow:VendorFact', {
    children: [
      leaf('account', 'tillflow:Account'),
      leaf('objectType', 'tillflow:ObjectType'),
      leaf('objectId', 'tillflow:ObjectID'),
    ],
  }),
  group('BusinessDayDate', { attributes: [daySource], text: content('businessDayDate', figure) }),
  leaf('beginDateTime', 'BeginDateTime'),
  leaf('endDateTime', 'EndDateTime'),
  leaf('timeZone', 'tillflow:TimeZone'),
  leaf('operatorId', 'OperatorID'),
  texts('associateIds', 'tillflow:AssociateID'),
  leaf('shiftId', 'tillflow:ShiftID'),
  leaf('channel', 'tillflow:Channel', channelWord),
  leaf('currency', 'CurrencyCode'),
  leaf('receiptNumber', 'ReceiptNumber'),
]

export const headerAttributes: readonly Part[] = [attribute('offline', 'OfflineFlag', flag), offsetSource]

/** What a fiscal device signed, letter by letter, and the values that only vendors know; after the content. */
export const trailerParts: readonly Part[] = [
  object('fiscal', 'tillflow:Fiscal', {
    children: [
      leaf('country', 'tillflow:Country'),
      leaf('status', 'tillflow:Status', fiscalStatusWord),
      leaf('deviceSerial', 'tillflow:DeviceSerial'),
      leaf('signatureCounter', 'tillflow:SignatureCounter', number),
      leaf('transactionNumber', 'tillflow:TransactionNumber'),
      leaf('processType', 'tillflow:ProcessType'),
      leaf('startTime', 'tillflow:StartTime'),
      leaf('logTime', 'tillflow:LogTime'),
      leaf('signature', 'tillflow:Signature'),
      leaf('algorithm', 'tillflow:Algorithm'),
      leaf('publicKey', 'tillflow:PublicKey'),
      leaf('qrCode', 'tillflow:QRCode'),
      leaf('failureReason', 'tillflow:FailureReason'),
    ],
  }),
  leaf('extensions', 'tillflow:Extensions', json),
]
