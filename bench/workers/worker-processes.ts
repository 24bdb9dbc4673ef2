import { type ChildProcess, fork } from 'node:child_process'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { WorkersPlan, WorkersReport } from './plan.ts'

const processesCount = 2
/** Groups share partitions and workers shards before the clock starts. */
const calmMs = 8_000
const giveUpMs = 180_000

export interface StartedWorkers {
  /** Resolves when all processes together have settled so many. */
  settled(count: number): Promise<void>
  stop(): Promise<void>
}

export async function startWorkers(plan: WorkersPlan): Promise<StartedWorkers> {
  const workers = Array.from({ length: processesCount }, () => startProcess('worker-process.ts', plan))
  // The relay settles nothing itself.
  const children = plan.feed === 'bus' ? [...workers, startProcess('relay-process.ts', plan)] : workers
  const counts = children.map(() => 0)
  const ready = children.map(
    (child, index) =>
      new Promise<void>((resolve, reject) => {
        child.on('message', (report: WorkersReport) => {
          if (report.kind === 'ready') resolve()
          else counts[index] = report.count
        })
        child.once('exit', (code) => reject(new Error(`a process ended with ${code}`)))
      }),
  )
  await Promise.all(ready)
  await sleep(calmMs)
  return {
    settled: async (count) => {
      const deadline = Date.now() + giveUpMs
      const sum = () => counts.reduce((total, one) => total + one, 0)
      while (sum() < count) {
        if (Date.now() > deadline) throw new Error(`${sum()} of ${count} were delivered within ${giveUpMs} ms`)
        await sleep(5)
      }
    },
    stop: async () => {
      await Promise.all(children.map(endOf))
    },
  }
}

function startProcess(script: string, plan: WorkersPlan): ChildProcess {
  return fork(join(import.meta.dirname, script), [JSON.stringify(plan)], { stdio: ['ignore', 2, 2, 'ipc'] })
}

function endOf(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve()
  return new Promise((resolve) => {
    child.once('exit', () => resolve())
    child.kill('SIGTERM')
  })
}
