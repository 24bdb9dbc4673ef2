import type { Pool } from 'pg'
import type { Connector } from '../contract/connector.ts'
import { silentLogger } from '../contract/logger.ts'
import { isProblem } from '../contract/problem.ts'
import { deliveryEventOf } from '../delivery/attempt.ts'
import { readJourney, type TargetJourney } from '../delivery/journey.ts'
import type { Finding } from '../domain/finding.ts'
import type { Transaction } from '../domain/transaction/transaction.ts'
import { findReceipt, type RecordedReceipt } from '../intake/read.ts'
import type { JournalEvent, RecordedData } from '../journal/event.ts'
import { readEvents } from '../journal/queries.ts'
import type { Settings } from '../settings/load-settings.ts'
import { targetSettings } from '../settings/targets.ts'
import { type JourneyTrace, traceJourney } from './journey-trace.ts'

/** One receipt from the till to every target. */
export interface ReceiptJourney {
  receipt: RecordedReceipt
  traceparent?: string
  trace: JourneyTrace
  /** Before translation. */
  transaction: Transaction
  findings: Finding[]
  /** Transactions this one speaks of. */
  dependsOn: string[]
  targets: (TargetJourney & {
    /** After translation: what the connector sends for this receipt with its present settings. */
    payload?: unknown
  })[]
}

export async function readReceiptJourney(
  pool: Pool,
  text: string,
  settings: Settings,
  connectors: readonly Connector[],
): Promise<ReceiptJourney | undefined> {
  const receipt = await findReceipt(pool, text)
  if (!receipt) return undefined
  const [[event], targets] = await Promise.all([
    readEvents(pool, [receipt.transactionId]),
    readJourney(pool, receipt.transactionId),
  ])
  if (!event) return undefined
  const { transaction, findings } = event.data as RecordedData
  return {
    receipt,
    ...(event.traceparent !== undefined && { traceparent: event.traceparent }),
    trace: traceJourney({ recordedAt: receipt.recordedAt, traceparent: event.traceparent }, targets),
    transaction,
    findings,
    dependsOn: event.dependsOn,
    targets: targets.map((target) => {
      const payload = previewOf(event, target.target, settings, connectors)
      return { ...target, ...(payload !== undefined && { payload }) }
    }),
  }
}

function previewOf(
  event: JournalEvent,
  targetName: string,
  settings: Settings,
  connectors: readonly Connector[],
): unknown {
  const target = targetSettings(settings).find((one) => one.name === targetName)
  const connector = connectors.find((one) => one.name === target?.connector)
  if (!target || !connector) return undefined
  try {
    const connection = connector.connect(target.settings, {
      logger: silentLogger,
      allowPrivateNetwork: target.allowPrivateNetwork,
    })
    return connection.preview?.(deliveryEventOf(event))
  } catch (error) {
    if (isProblem(error)) return undefined
    throw error
  }
}
