import { X509Certificate } from 'node:crypto'
import type { BusTls } from '../contract/bus.ts'

/** Alerts of TLS (RFC 8446, section 6.2) by their names in OpenSSL's codes. Brokers on Java and Erlang choose differently among them. */
const alerts: readonly [name: RegExp, words: string][] = [
  [/_ALERT_CERTIFICATE_REQUIRED$/, 'the broker wants a certificate of ours'],
  [/_ALERT_CERTIFICATE_EXPIRED$/, 'the broker says that our certificate has expired'],
  [/_ALERT_CERTIFICATE_REVOKED$/, 'the broker says that our certificate was revoked'],
  [/_ALERT_UNKNOWN_CA$/, 'the broker does not know the authority of our certificate'],
  [
    /_ALERT_(BAD_CERTIFICATE|UNSUPPORTED_CERTIFICATE|CERTIFICATE_UNKNOWN|ACCESS_DENIED)$/,
    'the broker does not take our certificate',
  ],
]

/** What a broker said of the certificate that it was shown, for whoever has to renew it; undefined where it said nothing of the kind. */
export function explainCertificateRefusal(error: unknown, tls: BusTls | undefined): string | undefined {
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const words = alerts.find(([name]) => name.test(code))?.[1]
  if (words === undefined) return undefined
  if (!tls?.client) return 'the broker wants a certificate of ours, and busClientCertificate is not set'
  const { validToDate } = new X509Certificate(tls.client.certificate)
  return `${words}; it is valid until ${validToDate.toISOString()}`
}
