import type { FastifyRequest } from 'fastify'
import type { JWTPayload } from 'jose'
import type { KnownIdentity } from '../../identity/known-identity.ts'
import { clientCaller } from './caller.ts'
import { ownIssuer, type TokenIssuer } from './token-issuers.ts'
import { verifyToken } from './verify-token.ts'

/** What a till shows that somebody approved. */
export interface EnrolmentToken {
  invitationId: string
  /** For the proof that comes with it. */
  tokenHash: string
  thumbprint: string
}

/** The enrolment token of a request; undefined: it has none. Throws Problem `invalid-token`. */
export type ReadEnrolmentToken = (request: FastifyRequest) => Promise<EnrolmentToken | undefined>

const form = /^DPoP +([A-Za-z0-9._~+/=-]+) *$/i

/** Reads tokens of our own authorization server for tills that have no key with us yet. They are good for nothing else. */
export function enrolmentTokens(options: {
  issuer(): string
  publicUrl(): string
  known: KnownIdentity
}): ReadEnrolmentToken {
  const { known } = options
  return async ({ headers }) => {
    const [, text] = form.exec(headers.authorization ?? '') ?? []
    if (text === undefined) return undefined
    const issuer = enrolmentIssuer({ issuer: options.issuer(), audience: options.publicUrl(), known })
    const { caller, hash, jkt = '' } = await verifyToken(text, [issuer], Date.now())
    return { invitationId: caller.senderId, tokenHash: hash, thumbprint: jkt }
  }
}

/** As `enrolmentClaims` writes them; a token of a till or a machine is none, and none of these is one of theirs. */
function enrolmentIssuer(options: { issuer: string; audience: string; known: KnownIdentity }): TokenIssuer {
  const requiredClaims = ['exp', 'iat', 'jti', 'client_id', 'scope', 'client_kind', 'invitation_id', 'cnf']
  return { ...ownIssuer(options), requiredClaims, toCaller: callerOfInvitation }
}

/** It may do nothing but be who it is. */
function callerOfInvitation({ client_kind, invitation_id: id }: JWTPayload) {
  if (client_kind !== 'invitation' || typeof id !== 'string') return undefined
  return clientCaller({ id, actor: `invitation:${id}`, scopes: [], stores: [] })
}
