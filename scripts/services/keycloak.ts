import { join } from 'node:path'
import { chooseFreePort } from '../../src/database/embedded/free-port.ts'
import { findDetached, lastPort, stopDetached } from './detached-process.ts'
import { serviceDirectory } from './directories.ts'
import { ensureKeycloak, findKeycloak } from './keycloak-distribution.ts'
import type { Service } from './service.ts'
import { answersOk, startServer } from './start-server.ts'

const user = 'admin'
/** Of a Keycloak that listens on loopback and knows invented people only. */
const password = 'admin'
const startTimeoutMs = 120_000

/** Small and quick to start rather than quick under load: a few people sign in. */
const java = ['-Xms64m', '-Xmx512m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dfile.encoding=UTF-8']

/** Keycloak from Maven Central: an identity provider. Each test makes a realm of its own in it. */
export const keycloak: Service = {
  name: 'keycloak',
  title: 'Keycloak, an identity provider',
  needs: [],
  async install() {
    await ensureKeycloak()
  },
  async up() {
    const home = await ensureKeycloak()
    const files = await filesOfServer()
    if (await findDetached(files.runFile)) return
    const port = await chooseFreePort(await lastPort(files.runFile))
    const url = `http://127.0.0.1:${port}`
    const listen = ['--http-enabled=true', '--http-host=127.0.0.1', `--http-port=${port}`, `--hostname=${url}`]
    // Otherwise it looks for others of a cluster, and listens for them on every address.
    const alone = '--cache=local'
    await startServer({
      ...{ title: 'Keycloak', program: 'bash', port, ...files, startTimeoutMs },
      args: [join(home, 'bin/kc.sh'), 'start', '--optimized', alone, ...listen],
      env: { JAVA_OPTS: java.join(' '), KC_BOOTSTRAP_ADMIN_USERNAME: user, KC_BOOTSTRAP_ADMIN_PASSWORD: password },
      answers: () => answersOk(`${url}/realms/master`),
    })
  },
  async down() {
    await stopDetached((await filesOfServer()).runFile)
  },
  async status() {
    const running = await findDetached((await filesOfServer()).runFile)
    if (running !== undefined)
      return { state: 'up', address: { url: `http://127.0.0.1:${running.port}`, user, password } }
    return { state: (await findKeycloak()) === undefined ? 'not-installed' : 'down' }
  },
}

async function filesOfServer() {
  const directory = await serviceDirectory('keycloak')
  return { logFile: join(directory, 'server.log'), runFile: join(directory, 'server.json') }
}
