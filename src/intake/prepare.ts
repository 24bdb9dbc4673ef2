import { randomUUID } from 'node:crypto'
import { checkTransaction } from '../domain/checks/index.ts'
import { currencyExponent } from '../domain/currency.ts'
import { decimal, roundTo } from '../domain/decimal.ts'
import type { Finding } from '../domain/finding.ts'
import { linkKey, orderingKey, transactionKey } from '../domain/identity.ts'
import type { StoreProfile } from '../domain/store.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import type { RecordedData } from '../journal/event.ts'
import { subjectOf, subjectsOf } from '../privacy/personal-data.ts'
import { contentHashOf, transactionIdOf } from './identity.ts'
import type { Upload } from './intake.ts'
import type { IntakeRecord, QuarantineRecord } from './record.ts'

export interface PrepareOptions {
  profileOf(businessUnitId: string): StoreProfile
  /** Milliseconds since 1970. */
  now(): number
}

/** Everything that can be known of an upload without asking the database: identity, hash, checks, event. */
export function prepareRecord(upload: Upload, options: PrepareOptions): IntakeRecord {
  const { result } = upload
  if (result.kind === 'unreadable') {
    return quarantine(upload, result.problem, result.detail, result.partial)
  }
  const { transaction } = result
  const profile = options.profileOf(transaction.businessUnitId)
  const key = transactionKey(transaction, profile)
  if (key === undefined) {
    const { businessUnitId, workstationId, sequenceNumber, businessDayDate } = transaction
    return quarantine(
      upload,
      'invalid-identifier',
      'Neither a till number nor a vendor fact identifies this transaction.',
      {
        businessUnitId,
        businessDayDate,
        ...(workstationId !== undefined && { workstationId }),
        ...(sequenceNumber !== undefined && { sequenceNumber }),
      },
    )
  }
  const receivedAt = new Date(options.now()).toISOString()
  const findings = [...result.findings, ...checkTransaction(transaction, profile, { receivedAt })]
  const data: RecordedData = { transaction, findings }
  const subject = subjectOf(transaction)
  return {
    kind: 'receipt',
    transactionId: transactionIdOf(key),
    transactionKey: key,
    contentHash: contentHashOf(transaction),
    orderingKey: orderingKey(transaction),
    dependsOn: originalsOf(transaction, profile, key),
    transaction,
    grandTotalMinor: grandTotalMinor(transaction),
    findings,
    eventData: JSON.stringify(data),
    bytes: result.bytes,
    subject,
    mentions: subjectsOf(transaction).filter((one) => one !== subject),
    fidelity: upload.fidelity,
    source: upload.source,
    senderId: upload.senderId,
    traceparent: upload.traceparent,
  }
}

export function worstSeverity(findings: readonly Finding[]): Finding['severity'] | undefined {
  for (const severity of ['error', 'warn', 'info'] as const) {
    if (findings.some((finding) => finding.severity === severity)) return severity
  }
  return undefined
}

/** Links that make delivery wait for the other transaction; a resumed basket or an order does not. */
const dependentLinks = new Set(['RETURN_OF', 'EXCHANGE_OF', 'POST_VOID_OF'])

function originalsOf(transaction: Transaction, profile: StoreProfile, ownKey: string): string[] {
  const keys = new Set<string>()
  for (const link of transaction.links ?? []) {
    const key = dependentLinks.has(link.linkType) ? linkKey(link, transaction, profile) : undefined
    if (key !== undefined && key !== ownKey) keys.add(key)
  }
  return [...keys].map(transactionIdOf)
}

function grandTotalMinor(transaction: Transaction): bigint | undefined {
  const exponent = currencyExponent(transaction.currency)
  const grandTotal = transaction.totals?.grandTotal
  return grandTotal === undefined || exponent === undefined
    ? undefined
    : roundTo(decimal(grandTotal), exponent).unscaled
}

function quarantine(
  upload: Upload,
  problem: QuarantineRecord['problem'],
  detail: string,
  partial: QuarantineRecord['partial'],
): QuarantineRecord {
  return {
    kind: 'quarantine',
    quarantineId: randomUUID(),
    orderingKey: `${partial.businessUnitId ?? '-'}/${partial.workstationId ?? '-'}`,
    problem,
    detail,
    partial,
    bytes: upload.result.bytes,
    fidelity: upload.fidelity,
    source: upload.source,
    senderId: upload.senderId,
    traceparent: upload.traceparent,
  }
}
