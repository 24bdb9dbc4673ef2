import type { Outcome } from '../../contract/connector.ts'

/** A call that did not go well, with what that means for the receipt. */
export class CallFailed extends Error {
  override readonly name = 'CallFailed'
  readonly outcome: Outcome
  /** Tryton said so itself, and has undone what the call had done. */
  readonly wasUndone: boolean

  constructor(outcome: Outcome, wasUndone = false) {
    super('reason' in outcome ? outcome.reason : outcome.kind)
    this.outcome = outcome
    this.wasUndone = wasUndone
  }
}
