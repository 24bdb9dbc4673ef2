import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseFreePort } from '../../../src/database/embedded/free-port.ts'
import { findDetached, lastPort, startDetached, stopDetached } from '../detached-process.ts'
import { runProgram } from '../run-program.ts'
import { answersAmqp } from './answers-amqp.ts'

export const brokerPackages: readonly string[] = ['rabbitmq-server']

export interface Broker {
  url: string
  pid: number
}

const template = join(import.meta.dirname, '../../../test/peers/rabbitmq/rabbitmq.conf')
const libraryDirectory = '/usr/lib/rabbitmq/lib'
const startTimeoutMs = 120_000
const portReleaseMaxMs = 5_000
const controlTimeoutMs = 60_000
const nodeName = 'tillflow@localhost'

/**
 * Starts a broker that keeps everything in the directory: its queues, its Erlang cookie, its log, its ports. A broker that already
 * runs there is left as it is; one that was stopped or killed comes back with its queues on the same port. `configuration`: more
 * lines for rabbitmq.conf.
 */
export async function startBroker(options: { directory: string; configuration?: string }): Promise<Broker> {
  const { directory } = options
  const running = await findBroker(directory)
  if (running !== undefined) return running
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const files = filesOf(directory)
  const port = await chooseFreePort(await lastPort(files.run))
  const configuration = (await readFile(template, 'utf8')).replace('@port@', String(port))
  await writeFile(files.configuration, `${configuration}${options.configuration ?? ''}`, { mode: 0o600 })
  await writeFile(files.plugins, '[].\n')
  const namesPort = await startPortMapper(files)
  const env = await environmentOf(directory, files, namesPort)
  const program = join(await findServerDirectory(), 'sbin', 'rabbitmq-server')
  await startDetached({ program, args: [], port, logFile: files.log, runFile: files.run, env })
  await waitUntilReady(port, files)
  const started = await findBroker(directory)
  if (started === undefined) throw new Error('RabbitMQ ended as soon as it had started')
  return started
}

/** The broker that runs in the directory. */
export async function findBroker(directory: string): Promise<Broker | undefined> {
  const running = await findDetached(filesOf(directory).run)
  if (running === undefined) return undefined
  return { url: `amqp://tillflow:tillflow@127.0.0.1:${running.port}`, pid: running.process.pid }
}

/** Stops the broker as an administrator does, and Erlang's port mapper with it. */
export async function stopBroker(directory: string): Promise<void> {
  const files = filesOf(directory)
  await stopDetached(files.run)
  await stopDetached(files.portMapperRun)
}

/** Ends the broker without any warning, as a power failure does. */
export async function killBroker(directory: string): Promise<void> {
  const running = await findBroker(directory)
  if (running === undefined) return
  process.kill(running.pid, 'SIGKILL')
  while ((await findBroker(directory)) !== undefined) await sleep(20)
  // Its threads let go of the port a moment later.
  const port = Number(new URL(running.url).port)
  const deadline = Date.now() + portReleaseMaxMs
  while ((await chooseFreePort(port)) !== port && Date.now() < deadline) await sleep(20)
}

/** Runs `rabbitmqctl` on the broker of the directory; gives what it printed. */
export async function controlBroker(directory: string, args: readonly string[]): Promise<string> {
  const portMapper = await findDetached(filesOf(directory).portMapperRun)
  const env = { HOME: directory, RABBITMQ_NODENAME: nodeName, ERL_EPMD_PORT: String(portMapper?.port) }
  const program = join(await findServerDirectory(), 'sbin', 'rabbitmqctl')
  const done = await runProgram(program, ['--quiet', ...args], { env, timeoutMs: controlTimeoutMs })
  if (!done.ok) throw new Error(`rabbitmqctl ${args.join(' ')}: ${done.lastWords}`)
  return done.stdout
}

function filesOf(directory: string) {
  const at = (name: string) => join(directory, name)
  return {
    configuration: at('rabbitmq.conf'),
    plugins: at('enabled_plugins'),
    log: at('rabbitmq.log'),
    run: at('rabbitmq.json'),
    portMapperLog: at('epmd.log'),
    portMapperRun: at('epmd.json'),
  }
}

type BrokerFiles = ReturnType<typeof filesOf>

/**
 * Erlang's port mapper, one for each broker: the one that `rabbitmq-server` would start by itself leaves its session and outlives it,
 * and nobody would know which one to stop.
 */
async function startPortMapper(files: BrokerFiles): Promise<number> {
  const running = await findDetached(files.portMapperRun)
  if (running !== undefined) return running.port
  const port = await chooseFreePort(await lastPort(files.portMapperRun))
  const args = ['-address', '127.0.0.1', '-port', String(port)]
  await startDetached({ program: 'epmd', args, port, logFile: files.portMapperLog, runFile: files.portMapperRun })
  return port
}

async function environmentOf(
  directory: string,
  files: BrokerFiles,
  portMapperPort: number,
): Promise<Record<string, string>> {
  return {
    // Of its own: Erlang's cookie lies there, and the machine's is another user's.
    HOME: directory,
    RABBITMQ_NODENAME: nodeName,
    RABBITMQ_MNESIA_BASE: join(directory, 'mnesia'),
    RABBITMQ_LOG_BASE: join(directory, 'log'),
    RABBITMQ_ENABLED_PLUGINS_FILE: files.plugins,
    RABBITMQ_CONFIG_FILE: files.configuration,
    // Not that of the machine's own broker.
    RABBITMQ_CONF_ENV_FILE: join(directory, 'rabbitmq-env.conf'),
    RABBITMQ_DIST_PORT: String(await chooseFreePort()),
    RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS: '-kernel inet_dist_use_interface {127,0,0,1}',
    ERL_EPMD_ADDRESS: '127.0.0.1',
    ERL_EPMD_PORT: String(portMapperPort),
    // The script then becomes the broker, so that the process that is remembered is the one that is stopped.
    RUNNING_UNDER_SYSTEMD: '1',
  }
}

/** The scripts below /usr/sbin change the user and fail; these do not. Another version than the one of apt where one is named. */
async function findServerDirectory(): Promise<string> {
  const named = process.env.RABBITMQ_SERVER_DIRECTORY
  if (named) return named
  const names = await readdir(libraryDirectory).catch(() => [])
  const name = names.find((candidate) => candidate.startsWith('rabbitmq_server-'))
  if (name === undefined) throw new Error(`There is no RabbitMQ below ${libraryDirectory}`)
  return join(libraryDirectory, name)
}

async function waitUntilReady(port: number, files: BrokerFiles): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  while (!(await answersAmqp(port))) {
    if (Date.now() > deadline || (await findDetached(files.run)) === undefined) {
      const said = await readFile(files.log, 'utf8').catch(() => '')
      throw new Error(`RabbitMQ did not start: ${said.slice(-2_000)}`)
    }
    await sleep(100)
  }
}
