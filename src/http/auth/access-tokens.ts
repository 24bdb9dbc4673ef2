import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '../../contract/clock.ts'
import { Problem } from '../../contract/problem.ts'
import type { Authenticate } from './authorize.ts'
import { certificateThumbprint, clientCertificate } from './client-certificate.ts'
import type { DpopProofs } from './dpop-proof.ts'
import type { TokenIssuer } from './token-issuers.ts'
import { type VerifiedToken, verifyToken } from './verify-token.ts'

export interface AccessTokensOptions {
  /** Asked for each request: our own address may be known only when the server listens. */
  issuers(): readonly TokenIssuer[]
  proofs: DpopProofs
  /** What clients call; the address that proofs are made for. */
  publicUrl(): string
  /** Of the proxy that checks client certificates; empty: there is none. */
  certificateHeader: string
  clock: Clock
}

/** A token that was found good is not looked at again until it ends: a till sends hundreds of receipts with one. */
const verifiedMax = 20_000
/** Scheme and token. Tokens of this hub (`tf_...`) are looked up elsewhere. */
const form = /^(DPoP|Bearer) +(?!tf_)([A-Za-z0-9._~+/=-]+) *$/i

/** Callers with an access token (RFC 9068): of our own authorization server, or of an issuer that the settings trust. */
export function accessTokens(options: AccessTokensOptions): Authenticate {
  const verified = new Map<string, VerifiedToken>()
  const verifiedNow = async (text: string): Promise<VerifiedToken> => {
    const nowMs = options.clock.now()
    let token = verified.get(text)
    if (!token) {
      token = await verifyToken(text, options.issuers(), nowMs)
      const [oldest] = verified.keys()
      if (oldest !== undefined && verified.size >= verifiedMax) verified.delete(oldest)
      verified.set(text, token)
    }
    if (!token.issuer.isCurrent()) throw new Problem('temporary-reduced-capacity')
    if (token.expiresAtMs > nowMs && !token.issuer.isWithdrawn(token)) return token
    verified.delete(text)
    throw new Problem('invalid-token')
  }
  return async (request, reply) => {
    const { authorization } = request.headers
    const [, scheme = '', text] = form.exec(authorization ?? '') ?? []
    if (text === undefined) return undefined
    // Not on every answer to everybody: only who speaks DPoP has use for a nonce.
    const isDpop = scheme.toLowerCase() === 'dpop'
    try {
      const token = await verifiedNow(text)
      await checkBinding(token, isDpop, request, reply, options)
      return token.caller
    } catch (error) {
      if (isDpop) reply.header('dpop-nonce', options.proofs.nonce())
      throw error
    }
  }
}

/** A token that is bound comes with what it is bound to, and one that is not does not pretend to. */
async function checkBinding(
  { jkt, x5t, hash }: VerifiedToken,
  isDpop: boolean,
  request: FastifyRequest,
  reply: FastifyReply,
  { proofs, publicUrl, certificateHeader }: AccessTokensOptions,
): Promise<void> {
  if (isDpop !== (jkt !== undefined)) throw new Problem('invalid-token')
  if (x5t !== undefined) {
    const certificate = clientCertificate(request.headers, certificateHeader)
    if (!certificate || certificateThumbprint(certificate) !== x5t) throw new Problem('invalid-token')
  }
  if (jkt === undefined) return
  const { dpop } = request.headers
  const [path = ''] = request.url.split('?', 1)
  const { nextNonce } = await proofs.verify(typeof dpop === 'string' ? dpop : undefined, {
    method: request.method,
    url: `${publicUrl()}${path}`,
    tokenHash: hash,
    thumbprint: jkt,
  })
  if (nextNonce !== undefined) reply.header('dpop-nonce', nextNonce)
}
