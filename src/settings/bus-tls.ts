import { createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto'
import type { BusTls } from '../contract/bus.ts'
import { Problem } from '../contract/problem.ts'
import type { Settings } from './load-settings.ts'

type TlsSettings = Pick<
  Settings,
  'busEngine' | 'busUrl' | 'busCertificateAuthorities' | 'busClientCertificate' | 'busClientKey'
>

const certificates = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g

/**
 * The certificates for a broker that speaks TLS; undefined where none is set. Throws Problem `settings-invalid` where they cannot be
 * read, do not belong together, or would not be used. One that has expired is the broker's to refuse: receipts are taken all the same.
 */
export function readBusTls(settings: TlsSettings): BusTls | undefined {
  const { busEngine, busUrl } = settings
  const { busCertificateAuthorities: authorities, busClientCertificate: certificate, busClientKey: key } = settings
  if (authorities.isEmpty && certificate.isEmpty && key.isEmpty) return undefined
  const scheme = { kafka: 'kafkas://', rabbitmq: 'amqps://' }[busEngine]
  if (scheme === undefined)
    throw invalid('busCertificateAuthorities and busClientCertificate are for kafka and rabbitmq')
  // Without TLS the broker would not be asked who it is, which somebody who sets this believes.
  if (!busUrl.reveal().startsWith(scheme))
    throw invalid(`busUrl must begin with ${scheme} where busCertificateAuthorities or busClientCertificate is set`)
  if (certificate.isEmpty !== key.isEmpty) throw invalid('busClientCertificate and busClientKey must be set together')
  if (!authorities.isEmpty) readCertificates('busCertificateAuthorities', authorities.reveal())
  if (!certificate.isEmpty) checkPair(certificate.reveal(), key.reveal())
  return {
    ...(!authorities.isEmpty && { certificateAuthorities: authorities.reveal() }),
    ...(!certificate.isEmpty && { client: { certificate: certificate.reveal(), key: key.reveal() } }),
  }
}

function readCertificates(setting: string, text: string): [X509Certificate, ...X509Certificate[]] {
  try {
    const [first, ...others] = (text.match(certificates) ?? []).map((one) => new X509Certificate(one))
    if (first) return [first, ...others]
  } catch (cause) {
    throw invalid(`${setting} has a certificate that cannot be read`, cause)
  }
  throw invalid(`${setting} must be one or more certificates in PEM`)
}

function checkPair(certificate: string, key: string): void {
  const [own] = readCertificates('busClientCertificate', certificate)
  let readKey: KeyObject
  try {
    readKey = createPrivateKey(key)
  } catch (cause) {
    throw invalid('busClientKey must be a private key in PEM, without a passphrase', cause)
  }
  if (!own.checkPrivateKey(readKey))
    throw invalid('busClientKey is not the key of the first certificate of busClientCertificate')
}

function invalid(what: string, cause?: unknown): Problem {
  return new Problem('settings-invalid', `${what}.`, ...(cause === undefined ? [] : [{ cause }]))
}
