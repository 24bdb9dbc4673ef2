import { X509Certificate } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

const textLengthMax = 12_000

/**
 * The client certificate that a proxy checked and wrote into a header of this name; undefined: there is none. The proxy must overwrite
 * what a client sends under this name. Two ways of writing are read: RFC 9440 (`:base64:`) and percent-encoded PEM (nginx
 * `$ssl_client_escaped_cert`, Envoy and others).
 */
export function clientCertificate(headers: IncomingHttpHeaders, headerName: string): X509Certificate | undefined {
  const text = headerName === '' ? undefined : headers[headerName.toLowerCase()]
  if (typeof text !== 'string' || text === '' || text.length > textLengthMax) return undefined
  try {
    const [, base64] = /^:([A-Za-z0-9+/=]+):$/.exec(text.trim()) ?? []
    return new X509Certificate(base64 === undefined ? decodeURIComponent(text) : Buffer.from(base64, 'base64'))
  } catch {
    return undefined
  }
}

/** RFC 8705: what `cnf.x5t#S256` of a token says. */
export function certificateThumbprint(certificate: X509Certificate): string {
  return Buffer.from(certificate.fingerprint256.replaceAll(':', ''), 'hex').toString('base64url')
}
