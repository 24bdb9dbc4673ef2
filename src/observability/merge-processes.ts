import type { MetricsReport } from './metrics-report.ts'

type Reading = { value: number; labels: Record<string, string> }

/** The last gauges of every living process, with the label that tells them apart. */
export function mergeProcesses() {
  const reports = new Map<string, MetricsReport['gauges']>()
  return {
    keep: (process: string, { gauges }: MetricsReport): void => {
      reports.set(process, gauges)
    },
    forget: (process: string): void => {
      reports.delete(process)
    },
    readingsOf: (name: string): Reading[] =>
      [...reports].flatMap(([process, gauges]) =>
        gauges
          .filter(([gauge]) => gauge === name)
          .flatMap(([, readings]) => readings.map(({ value, labels }) => ({ value, labels: { process, ...labels } }))),
      ),
  }
}
