import { createHash, createPublicKey, type KeyObject, verify } from 'node:crypto'
import { Problem } from '../../contract/problem.ts'
import { type PublicJwk, readEs256Jwk, thumbprintOf } from '../../identity/public-key.ts'
import type { UsedProofs } from '../../identity/used-proofs.ts'
import type { DpopNonces } from './dpop-nonce.ts'
import { ProofReplays } from './proof-replays.ts'

const proofLengthMax = 4_096
const jtiLengthMax = 256
/** Heads of proofs are the same for each key: what was made of one is kept. */
const headsMax = 20_000
/** Nobody finds two proofs of one key with the same half of a hash, and whoever did would be refused. */
const usedHashBytes = 16
const form = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]{86})$/

/** What a proof must have been made for. */
export interface ProofDemand {
  method: string
  /** Without query. */
  url: string
  /** SHA-256 of the access token that it comes with, in base64url. */
  tokenHash?: string
  /** The key that the token is bound to. */
  thumbprint?: string
}

export interface Proof {
  publicKey: PublicJwk
  thumbprint: string
  /** A newer nonce than the proof has, for the answer. */
  nextNonce?: string
}

interface Head {
  jwk: PublicJwk
  key: KeyObject
  thumbprint: string
}

/** Verifies proofs of possession (RFC 9449). */
export interface DpopProofs {
  /** Throws Problem `invalid-dpop-proof`, `use-dpop-nonce` and `temporary-reduced-capacity`. */
  verify(proof: string | undefined, demand: ProofDemand): Promise<Proof>
  /** Nonce for an answer. */
  nonce(): string
}

/**
 * A proof counts by its nonce, which is ours, and not by its time, which is the till's: a clock that is wrong by an hour, or ten years,
 * keeps nobody out. Node's own `verify`, and no library: it runs on every request. A proof is taken once by this process, and where
 * `usedProofs` are given, by all of them together.
 */
export function createDpopProofs(nonces: DpopNonces, usedProofs?: UsedProofs): DpopProofs {
  const heads = new Map<string, Head>()
  const replays = new ProofReplays()
  return {
    nonce: () => nonces.current(),
    verify: async (proof, demand) => {
      if (proof === undefined) throw refuse('There is no proof: the header DPoP is missing.')
      if (proof.length > proofLengthMax) throw refuse('It is too long.')
      const [, head64 = '', payload64 = '', signature64 = ''] = form.exec(proof) ?? []
      if (signature64 === '') throw refuse('It is not a JWT that is signed with ES256.')
      const head = heads.get(head64) ?? readHead(head64)
      const claims = readClaims(payload64)
      checkClaims(claims, demand)
      if (demand.thumbprint !== undefined && demand.thumbprint !== head.thumbprint)
        throw refuse('It is signed by another key than the token is bound to.')
      const step = typeof claims.nonce === 'string' ? nonces.stepOf(claims.nonce) : undefined
      if (step === undefined) throw new Problem('use-dpop-nonce')
      const isSigned = verify(
        'sha256',
        Buffer.from(`${head64}.${payload64}`),
        { key: head.key, dsaEncoding: 'ieee-p1363' },
        Buffer.from(signature64, 'base64url'),
      )
      if (!isSigned) throw refuse('Its signature is wrong.')
      const digest = createHash('sha256')
        .update(`${head.thumbprint} ${String(claims.jti)}`)
        .digest()
      const isFirstHere = replays.isFirst(digest, step, nonces.oldestStep())
      const used = { hash: digest.subarray(0, usedHashBytes), nonceMinute: step }
      if (!isFirstHere || (await usedProofs?.use(used)) === false)
        throw refuse('It was used before: make a new one for each request.')
      keep(heads, head64, head)
      const nextNonce = nonces.current()
      return {
        publicKey: head.jwk,
        thumbprint: head.thumbprint,
        ...(nextNonce !== claims.nonce && { nextNonce }),
      }
    },
  }
}

function readHead(head64: string): Head {
  const { typ, alg, jwk, crit } = parseObject(head64)
  if (typ !== 'dpop+jwt' || alg !== 'ES256' || crit !== undefined)
    throw refuse('Its header must have typ dpop+jwt, alg ES256 and no crit.')
  try {
    const publicJwk = readEs256Jwk(jwk)
    const key = createPublicKey({ key: publicJwk, format: 'jwk' })
    return { jwk: publicJwk, key, thumbprint: thumbprintOf(publicJwk) }
  } catch (error) {
    throw refuse('Its header must have the public ES256 key as jwk.', error)
  }
}

interface Claims {
  jti?: unknown
  htm?: unknown
  htu?: unknown
  iat?: unknown
  ath?: unknown
  nonce?: unknown
}

function readClaims(payload64: string): Claims {
  return parseObject(payload64)
}

function checkClaims({ jti, htm, htu, iat, ath }: Claims, demand: ProofDemand): void {
  if (typeof jti !== 'string' || jti === '' || jti.length > jtiLengthMax) throw refuse('It has no usable jti.')
  if (typeof iat !== 'number' || !Number.isFinite(iat)) throw refuse('It has no iat.')
  if (htm !== demand.method) throw refuse('It is for another method: htm.')
  if (!isSameAddress(htu, demand.url)) throw refuse('It is for another address than publicUrl and the path: htu.')
  if (demand.tokenHash !== undefined && ath !== demand.tokenHash) throw refuse('It is not for this token: ath.')
}

/** RFC 9449, 4.3: query and fragment do not count, and two spellings of one address are the same. */
function isSameAddress(htu: unknown, url: string): boolean {
  if (htu === url) return true
  if (typeof htu !== 'string') return false
  const [theirs, ours] = [URL.parse(htu), URL.parse(url)]
  if (!theirs || !ours) return false
  return theirs.origin === ours.origin && theirs.pathname === ours.pathname && theirs.username + theirs.password === ''
}

function parseObject(part: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'))
    if (value !== null && typeof value === 'object') return value as Record<string, unknown>
  } catch (error) {
    throw refuse('It is not a JWT.', error)
  }
  throw refuse('It is not a JWT.')
}

/** Only heads of proofs that were good: nobody fills the memory with made-up keys. */
function keep(heads: Map<string, Head>, head64: string, head: Head): void {
  if (heads.has(head64)) return
  const [oldest] = heads.keys()
  if (oldest !== undefined && heads.size >= headsMax) heads.delete(oldest)
  heads.set(head64, head)
}

function refuse(detail: string, cause?: unknown): Problem {
  return new Problem('invalid-dpop-proof', detail, { cause })
}
