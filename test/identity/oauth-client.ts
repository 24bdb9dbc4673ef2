import { createHash, type KeyObject, randomUUID, sign } from 'node:crypto'
import type { Pool } from 'undici'

/** A client of the authorization server that is made by hand, so that each part of it can be wrong. */
export interface OauthClient {
  clientId: string
  privateKey: KeyObject
  publicJwk: object
  issuer: string
}

interface Reply {
  status: number
  body: Record<string, unknown>
  headers: Record<string, string | string[] | undefined>
}

export const now = () => Math.floor(Date.now() / 1_000)

export function signJwt(key: KeyObject, header: object, claims: object): string {
  const text = [{ alg: 'ES256', ...header }, claims]
    .map((one) => Buffer.from(JSON.stringify(one)).toString('base64url'))
    .join('.')
  return `${text}.${sign('sha256', Buffer.from(text), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`
}

export function assertionOf({ clientId, privateKey, issuer }: OauthClient, more: object = {}): string {
  const claims = { iss: clientId, sub: clientId, aud: issuer, jti: randomUUID(), iat: now(), exp: now() + 60, ...more }
  return signJwt(privateKey, {}, claims)
}

export function proofOf(
  { privateKey, publicJwk }: OauthClient,
  htu: string,
  more: object = {},
  token?: string,
): string {
  const ath = token === undefined ? {} : { ath: createHash('sha256').update(token).digest('base64url') }
  const claims = { jti: randomUUID(), htm: 'POST', htu, iat: now(), ...ath, ...more }
  return signJwt(privateKey, { typ: 'dpop+jwt', jwk: publicJwk }, claims)
}

export async function post(pool: Pool, path: string, headers: object, form: object | string): Promise<Reply> {
  const body = typeof form === 'string' ? form : new URLSearchParams(form as Record<string, string>).toString()
  const type = typeof form === 'string' ? 'application/json' : 'application/x-www-form-urlencoded'
  const answer = await pool.request({ method: 'POST', path, headers: { 'content-type': type, ...headers }, body })
  const text = await answer.body.text()
  const isJson = String(answer.headers['content-type']).includes('json')
  return { status: answer.statusCode, headers: answer.headers, body: isJson ? JSON.parse(text) : { text } }
}

export function tokenForm(assertion: string, more: object = {}): object {
  return {
    grant_type: 'client_credentials',
    client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
    client_assertion: assertion,
    ...more,
  }
}
