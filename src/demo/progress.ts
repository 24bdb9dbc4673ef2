import type { HubStatus } from '../cli/hub-status.ts'
import type { SendCounts } from '../simulator/sender/send-till.ts'

/** Shows how far the demo is: one block that changes in place on a terminal, a line now and then elsewhere. */
export class Progress {
  readonly #startedAt = Date.now()
  #lines = 0
  #lastPlainAt = 0

  show(counts: SendCounts, status: HubStatus | undefined): void {
    const seconds = (Date.now() - this.#startedAt) / 1_000
    const rate = Math.round(counts.acknowledged / Math.max(seconds, 0.001))
    const head = `${seconds.toFixed(0).padStart(4)} s  sent ${counts.sent}  acknowledged ${counts.acknowledged} (${rate}/s)  duplicates ${counts.duplicates}  conflicts ${counts.conflicts}  quarantined ${counts.quarantined}  gaps ${status?.gaps ?? '-'}`
    const targets = (status?.targets ?? []).map(
      (one) =>
        `        ${one.name.padEnd(9)} delivered ${one.delivered}  skipped ${one.skipped}  parked ${one.parked}  waiting ${one.waiting}  pending ${one.pending}`,
    )
    if (process.stderr.isTTY) {
      if (this.#lines > 0) process.stderr.write(`\u001b[${this.#lines}A\u001b[J`)
      process.stderr.write(`${[head, ...targets].join('\n')}\n`)
      this.#lines = targets.length + 1
    } else if (Date.now() - this.#lastPlainAt >= 5_000) {
      this.#lastPlainAt = Date.now()
      process.stderr.write(`${[head, ...targets].join('\n')}\n`)
    }
  }
}
