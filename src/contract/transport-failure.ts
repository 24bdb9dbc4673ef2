/** Whether any byte of the request may have reached the other side. */
export type FailurePhase = 'before-sending' | 'after-sending'

/**
 * A call that ended without an answer. `code` is the system's or ours (`ECONNREFUSED`, `timeout`, `aborted`); the message
 * never holds the address, which may carry a token in its query.
 */
export class TransportFailure extends Error {
  override readonly name = 'TransportFailure'
  readonly phase: FailurePhase
  readonly code: string

  constructor(phase: FailurePhase, code: string, options?: ErrorOptions) {
    super(phase === 'before-sending' ? `no connection (${code})` : `no answer (${code})`, options)
    this.phase = phase
    this.code = code
  }
}
