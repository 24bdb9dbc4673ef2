type Labels = Record<string, string>

/** What a process of the hub tells the one that shows its metrics: what it counted since it last told, and how it is now. */
export interface MetricsReport {
  kind: 'tillflow-metrics'
  counts: [name: string, labels: Labels, value: number][]
  records: [name: string, labels: Labels, values: number[]][]
  gauges: [name: string, readings: { value: number; labels?: Labels }[]][]
}

/** Whether a message of another process is a report. */
export function isMetricsReport(message: unknown): message is MetricsReport {
  return (message as Partial<MetricsReport> | null | undefined)?.kind === 'tillflow-metrics'
}
