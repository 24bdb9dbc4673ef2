import { ensurePackages } from './apt.ts'
import { runProgram } from './run-program.ts'

const fetchTimeoutMs = 300_000

/** Something runs Java programs on this machine. */
export async function hasJava(): Promise<boolean> {
  return hasProgram('java', '-version')
}

/** Brings Java onto this machine, and Maven too for whoever still has something to fetch with it. Throws `ServiceMissing`. */
export async function ensureJava({ withMaven }: { withMaven: boolean }): Promise<void> {
  const missing: string[] = []
  if (!(await hasJava())) missing.push('openjdk-17-jre-headless')
  if (withMaven && !(await hasProgram('mvn', '--version'))) missing.push('maven')
  await ensurePackages(missing)
}

/** Runs goals of Maven, which says nothing when all went well. */
export function runMaven(args: readonly string[]) {
  return runProgram('mvn', ['-q', '-B', ...args], { timeoutMs: fetchTimeoutMs })
}

async function hasProgram(program: string, flag: string): Promise<boolean> {
  return (await runProgram(program, [flag], { timeoutMs: 30_000 })).ok
}
