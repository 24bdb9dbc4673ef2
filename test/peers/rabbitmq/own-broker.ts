import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findMissing } from '../../../scripts/services/apt.ts'
import {
  brokerPackages,
  controlBroker,
  findBroker,
  killBroker,
  startBroker,
  stopBroker,
} from '../../../scripts/services/rabbitmq/broker.ts'

export interface OwnBroker {
  url: string
  /** Stops it as an administrator does, and starts it again with everything that it had. */
  restart(): Promise<void>
  /** Kills it, and starts it again with everything that it had confirmed. */
  crash(): Promise<void>
  /** Lets it answer nobody until the function that is returned is called; its connections stay open. */
  freeze(): Promise<() => void>
  /** `rabbitmqctl` with these arguments; gives what it printed. */
  control(...args: readonly string[]): Promise<string>
  /** Ends it, and forgets everything. */
  remove(): Promise<void>
}

/** A broker that nobody else uses, for tests that restart it; undefined where RabbitMQ is not installed. */
export async function startOwnBroker(configuration = ''): Promise<OwnBroker | undefined> {
  if ((await findMissing(brokerPackages)).length > 0) return undefined
  const directory = await mkdtemp(join(tmpdir(), 'tillflow-rabbitmq-'))
  const start = () => startBroker({ directory, configuration })
  const end = async (how: (directory: string) => Promise<void>) => {
    await how(directory)
    const { url } = await start()
    if (url !== started.url) throw new Error('The broker came back on another port')
  }
  const started = await start().catch(async (error: unknown) => {
    await stopBroker(directory)
    throw error
  })
  return {
    url: started.url,
    restart: () => end(stopBroker),
    crash: () => end(killBroker),
    async freeze() {
      const pid = (await findBroker(directory))?.pid
      if (pid === undefined) throw new Error('The broker does not run')
      process.kill(pid, 'SIGSTOP')
      return () => void process.kill(pid, 'SIGCONT')
    },
    control: (...args) => controlBroker(directory, args),
    async remove() {
      // Nobody wants what it would put away when it is asked to end.
      await killBroker(directory)
      await stopBroker(directory)
      await rm(directory, { recursive: true, force: true })
    },
  }
}
