import type { Fiscal } from '../../domain/transaction/transaction.ts'
import { cutText } from './cut-text.ts'
import { attributeOf, contentOf, type Element, localPart } from './element.ts'
import type { LineContext } from './line-context.ts'

/** Elements of vendors that hold what a fiscal device said: a Swedish control unit, a German TSE, and their like. */
const holders = /^(ControlUnit|TSE|TSEData|TSETransaction|TSESignature|FiscalData|FiscalSignature|FiscalDevice)$/i

/** Names of figures, without regard to case; Swedish receipts name them by a `Name` attribute as it is printed. */
type Field = Exclude<keyof Fiscal, 'status'>

const fieldNames: readonly [field: Field, names: RegExp][] = [
  ['country', /^country(code)?$/i],
  ['deviceSerial', /^((tse|device|controlunit)?serial(number|no)?|kontrollenhetens tillverkningsnummer)$/i],
  ['signatureCounter', /^signaturecounter$/i],
  ['transactionNumber', /^(tse)?transactionnumber$/i],
  ['processType', /^processtype$/i],
  ['startTime', /^(start(date)?time|starttimestamp)$/i],
  ['logTime', /^(log(date)?time|finishtime|logtimestamp)$/i],
  ['signature', /^(signature(value)?|controlcode|kontrollkod)$/i],
  ['algorithm', /^(signature)?algorithm$/i],
  ['publicKey', /^publickey$/i],
  ['qrCode', /^qrcode(data)?$/i],
  ['failureReason', /^(failurereason|outagereason|errorreason)$/i],
]

const charactersMax: Partial<Record<Field, number>> = {
  deviceSerial: 128,
  transactionNumber: 128,
  signature: 4_096,
  publicKey: 4_096,
  qrCode: 8_192,
}

/** What was signed is kept letter by letter. Figures without a signature and without a failure prove nothing: they stay with the vendor's words. */
export function readFiscal(element: Element, content: Element | undefined, { transaction }: LineContext): void {
  const fields: Partial<Record<Field, string>> = {}
  for (const child of element.children) if (isHolder(child.name)) collect(child, fields)
  if (content) for (const child of content.children) if (isHolder(child.name)) collect(child, fields)
  const { signatureCounter, ...texts } = fields
  if (texts.signature === undefined && texts.failureReason === undefined) return
  for (const [field, text] of Object.entries(texts)) {
    // What is cut is no longer what was signed.
    if (text.length > (charactersMax[field as Field] ?? 1_024)) return
  }
  const fiscal: Fiscal = { status: texts.signature === undefined ? 'DEVICE_OUTAGE' : 'SIGNED', ...texts }
  if (fiscal.country !== undefined && !/^[A-Z]{2}$/.test(fiscal.country)) delete fiscal.country
  for (const name of ['startTime', 'logTime'] as const) {
    if (fiscal[name] !== undefined && !isTime(fiscal[name])) delete fiscal[name]
  }
  if (signatureCounter !== undefined && /^\d{1,15}$/.test(signatureCounter)) {
    fiscal.signatureCounter = Number(signatureCounter)
  }
  transaction.fiscal = fiscal
}

function isHolder(name: string): boolean {
  return name.includes(':') && holders.test(localPart(name))
}

function collect(holder: Element, fields: Partial<Record<Field, string>>): void {
  for (const child of holder.children) {
    const text = contentOf(child)
    if (child.children.length > 0) collect(child, fields)
    if (text === undefined) continue
    const name = (attributeOf(child, 'Name') ?? localPart(child.name)).replace(/:$/, '')
    const field = fieldNames.find(([, names]) => names.test(name))?.[0]
    if (field !== undefined) fields[field] ??= field === 'failureReason' ? cutText(text, 1_024) : text
  }
}

function isTime(text: string): boolean {
  return /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})?$/.test(text)
}
