import { performance } from 'node:perf_hooks'
import { Problem } from '../contract/problem.ts'
import type { KeptResult, Source } from '../contract/source.ts'
import type { Answer } from '../intake/answer.ts'
import type { Upload } from '../intake/intake.ts'
import type { Sender } from './auth/caller.ts'
import type { HttpDeps } from './deps.ts'
import { guardBytes } from './guard-bytes.ts'

/** Reads one canonical document for a sender: the whole way from bytes to something that can be recorded. */
export function readUpload(
  deps: HttpDeps,
  source: Source,
  bytes: Uint8Array,
  sender: Sender,
  traceparent: string,
): Upload {
  const guarded = guardBytes(bytes)
  if (!source.readDocument) throw new Problem('internal-error')
  return toUpload(
    deps,
    source,
    source.readDocument(guarded.bytes, deps.readContext),
    guarded.masked,
    sender,
    traceparent,
  )
}

/** Throws Problem `scope-store` when the sender may not speak for the store. */
export function toUpload(
  deps: HttpDeps,
  source: Source,
  result: KeptResult,
  masked: boolean,
  sender: Sender,
  traceparent: string,
): Upload {
  const { businessUnitId, workstationId } = result.kind === 'transaction' ? result.transaction : result.partial
  // What names no store can be kept only for a sender that speaks for all of them: nobody else could be shown it.
  if (!sender.maySpeakFor(businessUnitId ?? '', workstationId)) throw new Problem('scope-store')
  if (masked && result.kind === 'transaction') {
    result.findings.push({
      check: 'PAN',
      severity: 'warn',
      message: 'A card number was masked before anything was kept.',
      advice: 'Stop the till from sending card numbers; the masked copy is no longer byte for byte what it sent.',
    })
  }
  if (result.kind === 'transaction' && result.unknownValues.length > 0) {
    deps.metrics?.unknownValues(source.name, result.unknownValues.length)
  }
  if (result.kind === 'transaction') measureClock(deps, source.name, result.transaction.endDateTime)
  return {
    source: source.name,
    result,
    fidelity: masked ? 'masked' : 'verbatim',
    senderId: sender.senderId,
    traceparent,
  }
}

/** Only a clock that is ahead shows itself: a receipt that comes late may have waited at a till that was offline. */
function measureClock(deps: HttpDeps, source: string, endDateTime: string | undefined): void {
  if (!deps.metrics || endDateTime === undefined) return
  const aheadMs = Date.parse(endDateTime) - Date.now()
  if (aheadMs > 0) deps.metrics.clockAhead(source, aheadMs / 1_000)
}

const statuses: Record<Answer['kind'], number> = { recorded: 201, duplicate: 200, quarantined: 202, conflict: 409 }

export function statusOf(answer: Answer): number {
  return statuses[answer.kind]
}

/** Counts and times an answer. */
export async function measured<Result extends Answer>(
  deps: HttpDeps,
  source: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const startedAt = performance.now()
  const outcome = (name: string) => deps.metrics?.answered(source, name, (performance.now() - startedAt) / 1_000)
  try {
    const answer = await work()
    outcome(answer.kind)
    return answer
  } catch (error) {
    outcome(error instanceof Problem ? error.code : 'internal-error')
    throw error
  }
}
