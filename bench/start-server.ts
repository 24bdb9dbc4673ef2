import { fork } from 'node:child_process'
import { join } from 'node:path'
import { cpuMsOf } from './process-cpu.ts'

/** A server of a benchmark, in a process of its own. */
export interface BenchServer {
  address: string
  /** CPU time that it has spent so far. */
  cpuMs(): number
  stop(): void
}

/** Starts a script of this folder, which says its address when it listens and ends when nobody is there any more. */
export function startServer(
  script: string,
  args: readonly string[],
  nodeArguments: readonly string[] = [],
): Promise<BenchServer> {
  const child = fork(join(import.meta.dirname, script), args, {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    execArgv: [...process.execArgv, ...nodeArguments],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${script} ${args[0]} ended with ${code}`)))
    child.once('message', (message) =>
      resolve({
        address: (message as { address: string }).address,
        cpuMs: () => cpuMsOf(child.pid ?? 0),
        stop: () => child.disconnect(),
      }),
    )
  })
}
