import type { ProblemCode } from '../../contract/problem.ts'

const dpop = 'DPoP algs="ES256"'

/** `WWW-Authenticate` of a refusal (RFC 6750, RFC 9449): what a client may do about it, and nothing of what it sent. */
export function challengesOf(code: ProblemCode): string[] | undefined {
  switch (code) {
    case 'unauthorized':
      return ['Bearer realm="tillflow"', dpop]
    case 'invalid-token':
      return ['Bearer realm="tillflow", error="invalid_token"', `${dpop}, error="invalid_token"`]
    case 'invalid-dpop-proof':
      return [`${dpop}, error="invalid_dpop_proof"`]
    case 'use-dpop-nonce':
      return [`${dpop}, error="use_dpop_nonce", error_description="Sign a new proof with the nonce in DPoP-Nonce."`]
    default:
      return undefined
  }
}
