import { BusFailure } from '../../contract/bus.ts'

/** Answers that the same call gets again until somebody changes a setting, here or at the broker. */
const lastingCodes = new Set([
  'ACCESS_REFUSED',
  'NOT_ALLOWED',
  'NOT_FOUND',
  'PRECONDITION_FAILED',
  'NOT_IMPLEMENTED',
  'VERSION_MISMATCH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
])

/** What the client or the broker said, as a failure. The address of the broker is in none of it. */
export function failureOf(what: string, cause: unknown): BusFailure {
  if (cause instanceof BusFailure) return cause
  const code = codeOf(cause)
  // The client names the method that was refused, where there was one.
  const reason = (cause instanceof Error ? cause.message : String(cause)).replace(/^undefined: /, '')
  return new BusFailure(`${what}: ${reason}`, {
    isTransient: code === undefined || !lastingCodes.has(code),
    cause,
  })
}

function codeOf(cause: unknown): string | undefined {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  return typeof code === 'string' ? code : undefined
}
