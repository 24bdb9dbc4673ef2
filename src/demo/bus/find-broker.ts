import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { say } from '../../cli/print.ts'
import { Problem } from '../../contract/problem.ts'

/** Buses that a demo can publish to. */
export const demoBuses = ['none', 'postgres', 'kafka', 'rabbitmq'] as const
export type DemoBusEngine = Exclude<(typeof demoBuses)[number], 'none'>

type BrokerEngine = Exclude<DemoBusEngine, 'postgres'>

/** Packages, a schema and a start on a slow machine. */
const upTimeoutMs = 900_000
const variables: Record<BrokerEngine, string> = { kafka: 'KAFKA_BROKERS', rabbitmq: 'RABBITMQ_URL' }
// It comes with the repository and not with the package.
const servicesScript = join(import.meta.dirname, '../../../scripts/services.ts')

interface ServiceReport {
  name: string
  state: string
  address?: Record<string, string>
  missing?: string
}

/**
 * The value of `busUrl` for a demo: what `--bus-url` says, else the broker that the environment names, else one on this machine,
 * which is started where it is not up. Empty with `postgres`: the hub's own database. Throws `settings-invalid` with what to do
 * where no broker can be had.
 */
export async function findBroker(engine: DemoBusEngine, busUrl: string | undefined): Promise<string> {
  if (busUrl !== undefined) return busUrl
  if (engine === 'postgres') return ''
  const given = process.env[variables[engine]]
  if (given) return engine === 'kafka' ? `kafka://${given}` : given
  if (!existsSync(servicesScript)) throw missing(engine, 'there is no broker here')
  say(`Looking for ${engine} on this machine, and starting it where it is not up ...`)
  const { address, missing: lack, state } = await bringUp(engine)
  const url = engine === 'kafka' ? address?.brokers && `kafka://${address.brokers}` : address?.url
  if (!url) throw missing(engine, lack ?? `it is ${state}`)
  return url
}

function missing(engine: BrokerEngine, why: string): Problem {
  return new Problem(
    'settings-invalid',
    `--bus ${engine} needs a broker: ${why}. Name one with --bus-url or ${variables[engine]}; in the repository, npm run services -- up ${engine} brings one onto this machine.`,
  )
}

/** In a process of its own: what watches over the broker must not keep the demo. */
function bringUp(engine: BrokerEngine): Promise<ServiceReport> {
  return new Promise((resolve, reject) => {
    const options = { timeout: upTimeoutMs, maxBuffer: 1_048_576 }
    execFile(process.execPath, [servicesScript, 'up', engine, '--json'], options, (error, stdout, stderr) => {
      const report = readReport(stdout, engine)
      if (report) resolve(report)
      else reject(missing(engine, `it could not be started (${stderr.trim().slice(-500) || String(error)})`))
    })
  })
}

function readReport(stdout: string, engine: BrokerEngine): ServiceReport | undefined {
  try {
    const { services } = JSON.parse(stdout) as { services: ServiceReport[] }
    return services.find(({ name }) => name === engine)
  } catch {
    return undefined
  }
}
