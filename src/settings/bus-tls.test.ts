import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { readBusTls } from './bus-tls.ts'
import { loadSettings } from './load-settings.ts'

/** Of nobody; its key was thrown away. */
const certificate = `-----BEGIN CERTIFICATE-----
MIIBczCCARmgAwIBAgIUHp53Kb8YzLXx4vmH+GgwHbMZ44QwCgYIKoZIzj0EAwIw
DjEMMAoGA1UEAwwDaHViMCAXDTI2MTEyNjA3MTUwNloYDzIxMjYxMTAyMDcxNTA2
WjAOMQwwCgYDVQQDDANodWIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATzrd8Y
rBpayYMm63VsnW0rRSWX9Li3XxjzrAC+lVfROGIF0S+rzWpyJmK8uOZaP/X9BsBs
smlC3RwbLOMYj0OIo1MwUTAdBgNVHQ4EFgQU96tTpY7/b+LMGitzZ2pzk3CeCQUw
HwYDVR0jBBgwFoAU96tTpY7/b+LMGitzZ2pzk3CeCQUwDwYDVR0TAQH/BAUwAwEB
/zAKBggqhkjOPQQDAgNIADBFAiEAqNkmAPMtUluE1ieNSpk4+DFQeUrpGmqxbnoK
dDTIoMACIExySKuzVxi7BDfPYIM5huYNm4noOAf+89+sKzo0afos
-----END CERTIFICATE-----
`
const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' })
const key = String(privateKey.export({ type: 'pkcs8', format: 'pem' }))
const locked = String(privateKey.export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'hunter2' }))

const kafka = { busEngine: 'kafka', busUrl: 'kafkas://broker-1:9093' }
const rabbitmq = { busEngine: 'rabbitmq', busUrl: 'amqps://relay:hunter2@broker-1' }
const load = (overrides: Record<string, unknown>) => loadSettings({ environment: {}, overrides }).settings

describe('certificates for a broker', () => {
  it.each([kafka, rabbitmq])('are none, or authorities: $busEngine', (bus) => {
    expect(readBusTls(load(bus))).toBeUndefined()
    const authorities = certificate + certificate
    expect(readBusTls(load({ ...bus, busCertificateAuthorities: authorities }))).toEqual({
      certificateAuthorities: authorities,
    })
  })

  it.each<[Record<string, unknown>, string]>([
    [
      { ...kafka, busUrl: 'kafka://broker-1', busCertificateAuthorities: certificate },
      'busUrl must begin with kafkas://',
    ],
    [{ ...kafka, busUrl: 'broker-1:9092', busCertificateAuthorities: certificate }, 'busUrl must begin with kafkas://'],
    [{ ...rabbitmq, busUrl: 'amqp://broker-1', busCertificateAuthorities: certificate }, 'must begin with amqps://'],
    [{ busEngine: 'postgres', busCertificateAuthorities: certificate }, 'are for kafka and rabbitmq'],
    [{ ...kafka, busCertificateAuthorities: 'hunter2' }, 'busCertificateAuthorities must be one or more certificates'],
    [{ ...kafka, busCertificateAuthorities: certificate.replace('MIIB', 'MIIC') }, 'certificate that cannot be read'],
    [{ ...kafka, busClientCertificate: certificate }, 'must be set together'],
    [{ ...kafka, busClientKey: key }, 'must be set together'],
    [{ ...kafka, busClientCertificate: certificate, busClientKey: key }, 'busClientKey is not the key of'],
    [{ ...kafka, busClientCertificate: certificate, busClientKey: locked }, 'without a passphrase'],
    [
      { ...kafka, busClientCertificate: key, busClientKey: key },
      'busClientCertificate must be one or more certificates',
    ],
  ])('are told what is wrong with them, without the value: %#', (overrides, words) => {
    const work = () => load(overrides)
    expect(work).toThrow(expect.objectContaining({ code: 'settings-invalid', message: expect.stringContaining(words) }))
    expect(work).not.toThrow(expect.objectContaining({ message: expect.stringContaining('hunter2') }))
  })

  it('lets copies be counted for Kafka alone', () => {
    expect(load({ ...kafka, busReplicasCount: '3' }).busReplicasCount).toBe(3)
    expect(() => load({ ...rabbitmq, busReplicasCount: '3' })).toThrow('busReplicasCount is for busEngine kafka')
  })
})
