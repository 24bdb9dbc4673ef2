import { ensurePackages, findMissing } from './apt.ts'
import { serviceDirectory } from './directories.ts'
import { brokerPackages, findBroker, startBroker, stopBroker } from './rabbitmq/broker.ts'
import type { Service } from './service.ts'

/** The broker that somebody else runs, which is then neither started nor stopped here. */
const externalUrl = process.env.RABBITMQ_URL

/** RabbitMQ from Debian, for tests that leave it running. Those that restart a broker start one of their own with `startBroker`. */
export const rabbitmq: Service = {
  name: 'rabbitmq',
  title: 'RabbitMQ, a broker',
  needs: [],
  async install() {
    if (externalUrl === undefined) await ensurePackages(brokerPackages)
  },
  async up() {
    if (externalUrl !== undefined) return
    await rabbitmq.install()
    await startBroker({ directory: await serviceDirectory('rabbitmq') })
  },
  async down() {
    if (externalUrl === undefined) await stopBroker(await serviceDirectory('rabbitmq'))
  },
  async status() {
    if (externalUrl !== undefined) return { state: 'up', address: { url: externalUrl } }
    if ((await findMissing(brokerPackages)).length > 0) return { state: 'not-installed' }
    const running = await findBroker(await serviceDirectory('rabbitmq'))
    return running === undefined ? { state: 'down' } : { state: 'up', address: { url: running.url } }
  },
}
