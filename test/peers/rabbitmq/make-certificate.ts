import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

export interface BrokerCertificate {
  /** PEM, of a broker on 127.0.0.1 for which nobody else vouches. */
  certificate: string
  /** Lines for rabbitmq.conf, so that the broker shows it on this port. */
  listenOn(port: number): string
  remove(): Promise<void>
}

export async function makeBrokerCertificate(): Promise<BrokerCertificate> {
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-tls-'))
  const [key, file] = [join(directory, 'key.pem'), join(directory, 'cert.pem')]
  const made = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key, '-out', file]
  const about = ['-days', '2', '-subj', '/CN=broker', '-addext', 'subjectAltName=IP:127.0.0.1']
  await promisify(execFile)('openssl', ['req', '-x509', ...made, ...about])
  return {
    certificate: await readFile(file, 'utf8'),
    listenOn: (port) =>
      `listeners.ssl.default = 127.0.0.1:${port}\nssl_options.certfile = ${file}\nssl_options.keyfile = ${key}\n`,
    remove: () => rm(directory, { recursive: true, force: true }),
  }
}
