import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { Metrics } from './metrics.ts'

const eventLoopResolutionMs = 20

/** How this process is. */
export function observeProcess(metrics: Pick<Metrics, 'observe'>): void {
  const delay = monitorEventLoopDelay({ resolution: eventLoopResolutionMs })
  delay.enable()
  metrics.observe('eventLoopLag', () => {
    // What is measured is the time between two ticks of the timer; on time it is the resolution itself.
    const lagMs = delay.count === 0 ? 0 : delay.percentile(99) / 1e6 - eventLoopResolutionMs
    delay.reset()
    return [{ value: Math.max(0, lagMs) / 1_000 }]
  })
  metrics.observe('processMemory', () => [{ value: process.memoryUsage.rss() }])
  metrics.observe('processHeap', () => [{ value: process.memoryUsage().heapUsed }])
}
