import type { BusTls } from '../../src/contract/bus.ts'
import { readBusTls } from '../../src/settings/bus-tls.ts'
import { loadSettings } from '../../src/settings/load-settings.ts'
import type { CertificateAuthority, IssuedCertificate } from './certificates.ts'

/** What an operator gets who names these files in the settings. */
export function tlsOfSettings(authority: CertificateAuthority, { files }: IssuedCertificate): BusTls {
  const overrides = {
    busEngine: 'kafka',
    busUrl: 'kafkas://broker',
    busCertificateAuthorities: `file:${authority.file}`,
    busClientCertificate: `file:${files.certificate}`,
    busClientKey: `file:${files.key}`,
  }
  const tls = readBusTls(loadSettings({ environment: {}, overrides }).settings)
  if (!tls) throw new Error('The settings have no certificates')
  return tls
}
