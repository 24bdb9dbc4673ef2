import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { runProgram } from '../../../scripts/services/run-program.ts'

const password = 'only-in-tests'

/** A key store for a broker on 127.0.0.1, and its certificate in PEM, made with Java's own tool. */
export async function makeKeyStore(
  directory: string,
): Promise<{ properties: Record<string, string>; certificate: string }> {
  const store = join(directory, 'broker.p12')
  const pem = join(directory, 'broker.pem')
  const common = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', password, '-alias', 'broker']
  const name = ['-dname', 'CN=broker', '-ext', 'SAN=IP:127.0.0.1', '-validity', '2', '-keyalg', 'EC']
  for (const args of [
    ['-genkeypair', ...common, ...name],
    ['-exportcert', '-rfc', '-file', pem, ...common],
  ]) {
    const made = await runProgram('keytool', args, { timeoutMs: 60_000 })
    if (!made.ok) throw new Error(`no key store: ${made.lastWords}`)
  }
  const properties = {
    'ssl.keystore.location': store,
    'ssl.keystore.type': 'PKCS12',
    'ssl.keystore.password': password,
  }
  return { properties, certificate: await readFile(pem, 'utf8') }
}
