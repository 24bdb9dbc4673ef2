import { printLine } from './print.ts'
import type { ReceiptJourney } from './receipt-journey.ts'

/** A journey for a person: one line per station, what went wrong indented below it. */
export function printJourney(
  journey: ReceiptJourney,
  withPayload: boolean,
  print: (text?: string) => void = printLine,
): void {
  const { receipt, transaction, findings } = journey
  const total = transaction.totals?.grandTotal
  print(
    `${receipt.transactionKey}  ${receipt.transactionType}${total === undefined ? '' : `  ${total} ${transaction.currency}`}`,
  )
  print(
    `  till     store ${transaction.businessUnitId}, workstation ${transaction.workstationId ?? '-'}, business day ${receipt.businessDayDate}, ended ${transaction.endDateTime ?? '-'}`,
  )
  print(
    `  intake   recorded ${iso(receipt.recordedAt)} from ${receipt.source} (${receipt.fidelity}), id ${receipt.transactionId}`,
  )
  if (journey.trace.traceId !== undefined) print(`  trace    ${journey.trace.traceId}`)
  printSteps(journey, print)
  for (const finding of findings) print(`           ${finding.severity} ${finding.check}: ${finding.message}`)
  for (const conflict of receipt.conflicts)
    print(`           conflict ${conflict.conflictId}: other content received ${iso(conflict.receivedAt)}`)
  for (const original of journey.dependsOn) print(`           refers to ${original}`)
  if (withPayload) print(indent(journey.transaction))
  for (const target of journey.targets) {
    const when = target.settledAt ? ` ${iso(target.settledAt)}` : ''
    const attempts = target.attempts === 1 ? '1 attempt' : `${target.attempts} attempts`
    print(`  target   ${target.target} (${target.connector}): ${target.state}${when}, ${attempts}`)
    if (target.reason !== undefined)
      print(`           ${target.reasonCode ? `${target.reasonCode}: ` : ''}${target.reason}`)
    if (target.nextAttemptAt) print(`           next attempt ${iso(target.nextAttemptAt)}`)
    for (const one of target.history)
      print(
        `           attempt ${one.attempt} ${iso(one.at)}: ${one.outcome}${one.reason ? `, ${one.reason}` : ''} (${one.durationMs} ms)`,
      )
    for (const one of target.replays)
      print(
        `           replay ${one.replayId} ${iso(one.at)}: ${one.mode}${one.generation > 0 ? `, generation ${one.generation}` : ''}`,
      )
    if (target.documents.length === 0) {
      for (const one of target.steps)
        print(`           step ${one.step} done ${iso(one.recordedAt)}: ${one.documentId}`)
    }
    for (const one of target.documents) {
      print(
        `           document ${one.kind} ${one.documentId}${one.amount === undefined ? '' : `, ${one.amount} ${one.currency ?? ''}`}`,
      )
    }
    if (withPayload && target.payload !== undefined) print(indent(target.payload))
  }
}

/** What happened when, counted from the record; a receipt that simply arrived everywhere says so below, target by target. */
function printSteps({ trace }: ReceiptJourney, print: (text?: string) => void): void {
  const [recorded, ...steps] = trace.steps
  if (!recorded) return
  for (const { step, at, target = '', attempt, outcome, durationMs } of steps) {
    const since = `+${((Date.parse(at) - Date.parse(recorded.at)) / 1_000).toFixed(3)} s`
    const what = step === 'attempt' ? `attempt ${attempt} ${outcome} (${durationMs} ms)` : step
    print(`           ${since.padStart(12)}  ${target}: ${what}`)
  }
}

/** Times from the database come as dates or, inside JSON, as text. */
function iso(at: Date | string): string {
  return new Date(at).toISOString()
}

function indent(value: unknown): string {
  return JSON.stringify(value, null, 2).replace(/^/gm, '           ')
}
