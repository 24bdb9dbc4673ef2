import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** In PEM; `files` hold the same. */
export interface IssuedCertificate {
  certificate: string
  key: string
  files: { certificate: string; key: string; both: string }
}

/** Somebody who vouches for brokers and their clients, for some days. */
export interface CertificateAuthority {
  certificate: string
  file: string
  /** For a broker on 127.0.0.1, or a client. `isExpired`: since yesterday. */
  issue(name: string, options?: { isExpired?: boolean }): Promise<IssuedCertificate>
  remove(): Promise<void>
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']
const openssl = (...args: readonly string[]) => promisify(execFile)('openssl', args)

export async function makeAuthority(): Promise<CertificateAuthority> {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-authority-'))
  const at = (name: string) => join(directory, name)
  const own = { certificate: at('authority.pem'), key: at('authority.key') }
  const subject = ['-days', '2', '-subj', '/CN=authority']
  await openssl('req', '-x509', ...newKey, '-keyout', own.key, '-out', own.certificate, ...subject)
  const issue = async (name: string, { isExpired = false } = {}): Promise<IssuedCertificate> => {
    const files = { certificate: at(`${name}.pem`), key: at(`${name}.key`), both: at(`${name}.both.pem`) }
    const request = at(`${name}.request`)
    const about = ['-subj', `/CN=${name}`, '-addext', 'subjectAltName=IP:127.0.0.1']
    await openssl('req', ...newKey, '-keyout', files.key, '-out', request, ...about)
    const by = ['-CA', own.certificate, '-CAkey', own.key, '-CAcreateserial', '-copy_extensions', 'copy']
    await openssl('x509', '-req', '-in', request, ...by, '-days', isExpired ? '-1' : '2', '-out', files.certificate)
    const [certificate, key] = [await readFile(files.certificate, 'utf8'), await readFile(files.key, 'utf8')]
    await writeFile(files.both, key + certificate, { mode: 0o600 })
    return { certificate, key, files }
  }
  return {
    certificate: await readFile(own.certificate, 'utf8'),
    file: own.certificate,
    issue,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
