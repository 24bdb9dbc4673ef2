import { describe, expect, it } from 'vitest'
import { createMetrics } from './metrics.ts'
import type { MetricsReport } from './metrics-report.ts'
import { isMetricsReport } from './metrics-report.ts'
import { createReportedMetrics } from './reported-metrics.ts'

/** A process and its hub, with the channel of Node.js between them: what cannot be JSON does not pass. */
function processAndHub(everyMs = 60_000) {
  const hub = createMetrics()
  const passed: MetricsReport[] = []
  const start = (name: string) =>
    createReportedMetrics({
      everyMs,
      send: async (report) => {
        const message: unknown = JSON.parse(JSON.stringify(report))
        if (!isMetricsReport(message)) throw new Error('not a report')
        passed.push(message)
        hub.merge(name, message)
      },
    })
  const line = async (start: string) => (await hub.render()).split('\n').filter((one) => one.startsWith(start))
  return { hub, start, line, passed }
}

describe('the metrics of a process of the hub', () => {
  it('are the hub’s own sums, over processes and restarts', async () => {
    const { hub, start, line } = processAndHub()
    hub.count('deliveryAttempts', { destination: 'erp', outcome: 'delivered' }, 1)
    for (const name of ['delivery-1', 'delivery-2', 'delivery-1']) {
      const metrics = start(name)
      metrics.count('deliveryAttempts', { destination: 'erp', outcome: 'delivered' }, 3)
      metrics.count('deliveryAttempts', { destination: 'erp', outcome: 'retry' })
      for (const seconds of [0.02, 0.2, 400]) metrics.record('endToEnd', seconds, { destination: 'erp' })
      await metrics.stop()
      hub.forget(name)
    }
    expect(await line('tillflow_delivery_attempts_total')).toEqual([
      'tillflow_delivery_attempts_total{destination="erp",outcome="delivered"} 10',
      'tillflow_delivery_attempts_total{destination="erp",outcome="retry"} 3',
    ])
    expect(await line('tillflow_end_to_end_seconds_count')).toEqual([
      'tillflow_end_to_end_seconds_count{destination="erp"} 9',
    ])
    expect(await line('tillflow_end_to_end_seconds_bucket{destination="erp",le="0.25"}')).toEqual([
      'tillflow_end_to_end_seconds_bucket{destination="erp",le="0.25"} 6',
    ])
  })

  it('are told once', async () => {
    const { start, passed } = processAndHub()
    const metrics = start('delivery-1')
    metrics.count('unknownValues', { source: 'poslog' }, 2)
    await metrics.stop()
    await metrics.stop()
    expect(passed.map(({ counts }) => counts)).toEqual([[['unknownValues', { source: 'poslog' }, 2]], []])
  })

  it('come by themselves', async () => {
    const { start, line } = processAndHub(20)
    const metrics = start('delivery-1')
    metrics.count('unknownValues', { source: 'poslog' })
    await expect.poll(() => line('tillflow_unknown_values_total')).toHaveLength(1)
    await metrics.stop()
  })

  it('say how each living process is, and only those that are the process’s own', async () => {
    const { hub, start, line } = processAndHub()
    const metrics = start('delivery-1')
    metrics.observe('outboxPending', () => [{ value: 9, labels: { destination: 'erp' } }])
    metrics.observe('targetDown', () => [{ value: 1, labels: { destination: 'erp' } }])
    await metrics.stop()
    const memory = async () =>
      (await line('tillflow_process_resident_memory_bytes')).map((one) => /process="([^"]+)"/.exec(one)?.[1])
    expect((await memory()).sort()).toEqual(['delivery-1', 'hub'])
    expect(await line('tillflow_target_down')).toEqual([
      'tillflow_target_down{process="delivery-1",destination="erp"} 1',
    ])
    expect(await line('tillflow_outbox_pending')).toEqual([])
    hub.forget('delivery-1')
    expect(await memory()).toEqual(['hub'])
  })

  it('lose a gauge that cannot be read, not the counts', async () => {
    const { start, line } = processAndHub()
    const metrics = start('delivery-1')
    metrics.observe('targetDown', () => {
      throw new Error('broken')
    })
    metrics.count('unknownValues', { source: 'poslog' })
    await metrics.stop()
    expect(await line('tillflow_unknown_values_total')).toHaveLength(1)
  })
})
