import { type ChildProcess, fork } from 'node:child_process'
import type { Logger } from '../../contract/logger.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { isMetricsReport } from '../../observability/metrics-report.ts'
import type { Settings } from '../../settings/load-settings.ts'
import type { RunningDelivery } from './delivery.ts'

interface Options {
  settings: Settings
  url: string
  logger: Logger
  metrics: Metrics
  program: readonly string[]
}

/** A process that dies at once every time is not started more often than this. */
const restartAfterMs = 500

/**
 * Delivery in processes of their own. One that dies is started again; one whose hub dies stops by itself, because its
 * channel to the hub closes. Each tells the hub what to show of it on `/metrics`.
 */
export function startDeliveryProcesses({ settings, url, logger, metrics, program }: Options): RunningDelivery {
  const children = new Set<ChildProcess>()
  let stopping = false
  const start = (name: string) => {
    const [script = '', ...rest] = program
    const child = fork(script, [...rest, 'start', '--roles', 'delivery'], {
      env: {
        ...process.env,
        TILLFLOW_DATABASE_URL: url,
        TILLFLOW_DELIVERY_PROCESSES_COUNT: '0',
        // May have come as a flag of the hub.
        TILLFLOW_EVALUATION: String(settings.evaluation),
        TILLFLOW_DELIVERY_PROCESS: name,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    children.add(child)
    child.on('message', (message) => {
      if (isMetricsReport(message)) metrics.merge(name, message)
    })
    child.on('exit', (code, signal) => {
      children.delete(child)
      metrics.forget(name)
      if (stopping) return
      logger.warn({ pid: child.pid, code, signal }, 'a delivery process ended; another one is started')
      setTimeout(() => stopping || start(name), restartAfterMs)
    })
  }
  for (let number = 1; number <= settings.deliveryProcessesCount; number += 1) start(`delivery-${number}`)
  return {
    // They listen to the journal themselves.
    stop: async () => {
      stopping = true
      await Promise.all([...children].map(endOf))
    },
  }
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
