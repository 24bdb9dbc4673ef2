import { setTimeout as sleep } from 'node:timers/promises'
import { isProblem } from '../src/contract/problem.ts'
import { lockDataDirectory } from '../src/database/hub-lock.ts'
import { serviceDirectory } from './services/directories.ts'
import { chooseServices, serviceNames } from './services/list.ts'
import { type Service, ServiceMissing, type ServiceStatus } from './services/service.ts'

/** The longest that one start waits for another one that is at work: a schema may be made meanwhile. */
const lockWaitMaxMs = 900_000

const usage = `usage: npm run services -- up|down|status [NAME...] [--json]
Starts, stops and shows what tests and benchmarks run against, on loopback. Without a name: all of them.
NAME is one of ${serviceNames.join(', ')}
`

interface Report extends ServiceStatus {
  name: string
  durationMs: number
  /** Why it could not be had. */
  missing?: string
}

const actions: Record<string, (service: Service) => Promise<void>> = {
  up: (service) => alone(service, () => service.up()),
  down: (service) => alone(service, () => service.down()),
  status: async () => {},
}

/** Two starts at once (test files, terminals) follow each other; the second finds everything there. */
async function alone(service: Service, work: () => Promise<void>): Promise<void> {
  const directory = await serviceDirectory(service.name)
  const deadline = Date.now() + lockWaitMaxMs
  for (;;) {
    try {
      const lock = await lockDataDirectory(directory)
      return await work().finally(() => lock.release())
    } catch (error) {
      if (!(isProblem(error) && error.code === 'data-directory-in-use') || Date.now() > deadline) throw error
      await sleep(200)
    }
  }
}

async function act(action: string, service: Service): Promise<Report> {
  const startedAt = Date.now()
  let missing: string | undefined
  try {
    await actions[action]?.(service)
  } catch (error) {
    if (!(error instanceof ServiceMissing)) throw error
    missing = error.message
  }
  const durationMs = Date.now() - startedAt
  return { name: service.name, ...(await service.status()), durationMs, ...(missing !== undefined && { missing }) }
}

function print({ name, state, durationMs, address, missing }: Report): void {
  const where = Object.entries(address ?? {})
    .filter(([key]) => key !== 'password')
    .map(([key, value]) => `${key} ${value.replace(/:[^:@/]+@/, ':...@')}`)
  process.stdout.write(
    `${name.padEnd(12)}${state.padEnd(15)}${(durationMs / 1_000).toFixed(1).padStart(6)} s  ${where.join('  ')}\n`,
  )
  if (missing !== undefined) process.stdout.write(`  MISSING: ${missing}\n`)
}

const [action = '', ...rest] = process.argv.slice(2)
const names = rest.filter((argument) => argument !== '--json')
const chosen = action in actions ? chooseServices(names, action !== 'down') : undefined
if (!chosen) {
  process.stderr.write(usage)
  process.exit(2)
}
const reports: Report[] = []
for (const service of action === 'down' ? chosen.toReversed() : chosen) reports.push(await act(action, service))
if (rest.includes('--json')) process.stdout.write(`${JSON.stringify({ services: reports })}\n`)
else for (const report of reports) print(report)
// A server that was started is left running; what watches over it in here is not waited for.
process.exit(reports.some((report) => report.missing !== undefined) ? 1 : 0)
