import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

export interface EcPublicJwk {
  kty: 'EC'
  crv: 'P-256'
  x: string
  y: string
}

/** The ES256 key of a till. It never leaves the till; its file is as good as the till itself. */
export class TillKey {
  readonly #privateKey: KeyObject
  readonly publicJwk: EcPublicJwk

  private constructor(privateKey: KeyObject) {
    this.#privateKey = privateKey
    const { x, y } = createPublicKey(privateKey).export({ format: 'jwk' })
    this.publicJwk = { kty: 'EC', crv: 'P-256', x: String(x), y: String(y) }
  }

  static generate(): TillKey {
    return new TillKey(generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey)
  }

  static read(privateJwk: object): TillKey {
    return new TillKey(createPrivateKey({ key: { ...privateJwk }, format: 'jwk' }))
  }

  /** For the till's own safe place. */
  toPrivateJwk(): object {
    return this.#privateKey.export({ format: 'jwk' })
  }

  /** A JWS in compact form (RFC 7515). */
  signJwt(header: Record<string, unknown>, claims: Record<string, unknown>): string {
    const text = [{ alg: 'ES256', ...header }, claims].map(encode).join('.')
    const signature = sign('sha256', Buffer.from(text), { key: this.#privateKey, dsaEncoding: 'ieee-p1363' })
    return `${text}.${signature.toString('base64url')}`
  }
}

const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
