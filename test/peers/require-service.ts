import { execFile } from 'node:child_process'
import { join } from 'node:path'

interface ServiceReport {
  name: string
  state: string
  address?: Record<string, string>
  missing?: string
}

const upTimeoutMs = 900_000
const script = join(import.meta.dirname, '../../scripts/services.ts')

/**
 * The address of a service that is up, or undefined where this machine does not have it: then the tests that need it are skipped
 * with a line that nobody overlooks. With REQUIRE_SERVICES=1 it is installed first, and the tests fail where it cannot be. In a
 * process of its own, whose watching ends with it.
 */
export async function requireService(name: string): Promise<Record<string, string> | undefined> {
  const isRequired = process.env.REQUIRE_SERVICES === '1'
  // A test run by hand puts no packages onto the machine.
  const isInstalled = isRequired || (await ask('status', name)).state !== 'not-installed'
  const report = isInstalled ? await ask('up', name) : undefined
  if (report?.address) return report.address
  const complaint = `the service ${name} is not up: ${report?.missing ?? `npm run services -- up ${name} brings it here`}`
  if (isRequired) throw new Error(complaint)
  process.stderr.write(`\n*** SKIPPED, ${complaint}\n\n`)
  return undefined
}

function ask(action: 'up' | 'status', name: string): Promise<ServiceReport> {
  return new Promise((resolve, reject) => {
    const options = { timeout: upTimeoutMs, maxBuffer: 1_048_576 }
    execFile(process.execPath, [script, action, name, '--json'], options, (error, stdout, stderr) => {
      try {
        const { services } = JSON.parse(stdout) as { services: ServiceReport[] }
        const report = services.find((service) => service.name === name)
        if (report) return resolve(report)
      } catch {
        // It did not come to its report; what it said last tells why.
      }
      reject(new Error(`the service ${name} could not be started: ${stderr.slice(-2_000) || String(error)}`))
    })
  })
}
