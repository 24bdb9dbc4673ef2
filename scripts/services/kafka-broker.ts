import { randomBytes } from 'node:crypto'
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { connect } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { chooseFreePort } from '../../src/database/embedded/free-port.ts'
import { findDetached, lastPort, startDetached, stopDetached } from './detached-process.ts'
import { ensureKafkaJars } from './kafka-jars.ts'
import { runProgram } from './run-program.ts'

/** Small and quick to start rather than quick under load: tests send megabytes, and share the machine with everything else. */
const java = ['-Xms64m', '-Xmx320m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true']
const startTimeoutMs = 90_000
const formatTimeoutMs = 60_000

export interface BrokerPlan {
  /** Log, configuration and run file; a broker that is started in it again goes on with what it had. */
  directory: string
  /** The port that it gets when it is free; undefined: the one it had last, else any. */
  port?: number
  /** Further listeners on loopback by security protocol, such as `SASL_SSL`, each with its port. */
  listeners?: Readonly<Record<string, number>>
  /** Further lines of its configuration. */
  properties?: Readonly<Record<string, string>>
  /** Its place in a cluster; undefined: it is alone. */
  member?: ClusterMember
  /** Credentials to be there from the beginning, in the words of `kafka-storage format --add-scram`. */
  scram?: readonly string[]
}

export interface ClusterMember {
  nodeId: number
  clusterId: string
  controllerPort: number
  /** Of all members, in the words of `controller.quorum.voters`. */
  voters: string
}

/** Starts one broker that is its own controller (KRaft), or a member of a cluster, or finds it running. Resolves when it takes connections. */
export async function startKafka(plan: BrokerPlan): Promise<{ brokers: string; port: number }> {
  const files = filesOf(plan.directory)
  const running = await findDetached(files.run)
  if (running !== undefined) return { brokers: `127.0.0.1:${running.port}`, port: running.port }
  const jars = await ensureKafkaJars()
  await mkdir(plan.directory, { recursive: true })
  const port = await chooseFreePort(plan.port ?? (await lastPort(files.run)))
  const member = plan.member ?? (await alone())
  await writeFile(files.configuration, configure(plan, port, member), { mode: 0o600 })
  const command = [...java, '-Dlog4j2.level=WARN', '-cp', join(jars, '*')]
  await formatOnce(plan, member.clusterId, command)
  const args = [...command, 'kafka.Kafka', files.configuration]
  await startDetached({ program: 'java', args, port, logFile: files.log, runFile: files.run })
  await waitForPorts(files, [port, ...Object.values(plan.listeners ?? {})])
  return { brokers: `127.0.0.1:${port}`, port }
}

/** Asks it to end, as an operator would; nothing that it confirmed is lost. */
export async function stopKafka(directory: string): Promise<void> {
  await stopDetached(filesOf(directory).run)
}

/** Ends it as a crash does, in the middle of whatever it was writing. */
export async function killKafka(directory: string): Promise<void> {
  const running = await findDetached(filesOf(directory).run)
  if (running === undefined) return
  process.kill(running.process.pid, 'SIGKILL')
  while (await findDetached(filesOf(directory).run)) await sleep(20)
}

/** Holds it still, as a machine does that swaps: its connections stay and nobody answers. */
export async function hangKafka(directory: string): Promise<void> {
  const running = await findDetached(filesOf(directory).run)
  if (running !== undefined) process.kill(running.process.pid, 'SIGSTOP')
}

export async function findKafka(directory: string): Promise<string | undefined> {
  const running = await findDetached(filesOf(directory).run)
  return running && `127.0.0.1:${running.port}`
}

interface BrokerFiles {
  configuration: string
  log: string
  run: string
}

function filesOf(directory: string): BrokerFiles {
  const at = (name: string) => join(directory, name)
  return { configuration: at('server.properties'), log: at('broker.log'), run: at('broker.json') }
}

async function alone(): Promise<ClusterMember> {
  const controllerPort = await chooseFreePort()
  return { nodeId: 1, clusterId: makeClusterId(), controllerPort, voters: `1@127.0.0.1:${controllerPort}` }
}

export function makeClusterId(): string {
  return randomBytes(16).toString('base64url')
}

function configure(plan: BrokerPlan, port: number, { nodeId, controllerPort, voters }: ClusterMember): string {
  const listeners = Object.entries({ PLAINTEXT: port, ...plan.listeners })
  const addresses = listeners.map(([name, at]) => `${name}://127.0.0.1:${at}`)
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': String(nodeId),
    'controller.quorum.voters': voters,
    'controller.listener.names': 'CONTROLLER',
    listeners: [...addresses, `CONTROLLER://127.0.0.1:${controllerPort}`].join(),
    'advertised.listeners': addresses.join(),
    'listener.security.protocol.map': ['CONTROLLER:PLAINTEXT', ...listeners.map(([name]) => `${name}:${name}`)].join(),
    'inter.broker.listener.name': 'PLAINTEXT',
    'log.dirs': join(plan.directory, 'log'),
    // A typing error in a topic's name should fail, as it does in a production cluster.
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '4',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    // A broker that was killed may only come back when its former self counts as dead: nine seconds otherwise.
    'broker.heartbeat.interval.ms': '500',
    'broker.session.timeout.ms': '2000',
    'num.network.threads': '2',
    'num.io.threads': '2',
    'log.cleaner.dedupe.buffer.size': '16777216',
    ...plan.properties,
  }
  return Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')
}

async function formatOnce(plan: BrokerPlan, clusterId: string, command: readonly string[]): Promise<void> {
  const formatted = join(plan.directory, 'log', 'meta.properties')
  const isFormatted = await stat(formatted).then(
    () => true,
    () => false,
  )
  if (isFormatted) return
  const scram = (plan.scram ?? []).flatMap((credential) => ['--add-scram', credential])
  const configuration = filesOf(plan.directory).configuration
  const args = [...command, 'kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', configuration, ...scram]
  const made = await runProgram('java', args, { timeoutMs: formatTimeoutMs })
  if (!made.ok) throw new Error(`Kafka's storage could not be formatted: ${made.lastWords}`)
}

async function waitForPorts(files: BrokerFiles, ports: readonly number[]): Promise<void> {
  const deadline = Date.now() + startTimeoutMs
  for (const port of ports) {
    while (!(await takesConnections(port))) {
      if (Date.now() > deadline || (await findDetached(files.run)) === undefined) {
        const said = await readFile(files.log, 'utf8').catch(() => '')
        throw new Error(`Kafka did not start: ${said.slice(-2_000)}`)
      }
      await sleep(100)
    }
  }
}

function takesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const end = (isOpen: boolean) => {
      socket.destroy()
      resolve(isOpen)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
  })
}
