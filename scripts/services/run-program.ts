import { execFile } from 'node:child_process'

export interface ProgramResult {
  ok: boolean
  stdout: string
  /** The last lines of what it said when it failed. */
  lastWords: string
}

/** Runs a program to its end in bounded time; a failure is a value. */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { env?: Record<string, string>; timeoutMs: number },
): Promise<ProgramResult> {
  return new Promise((resolve) => {
    const settings = {
      env: { ...process.env, ...options.env },
      timeout: options.timeoutMs,
      maxBuffer: 64 * 1_048_576,
    }
    execFile(program, args, settings, (error, stdout, stderr) => {
      const said = `${stderr || stdout}`.trim().split('\n').slice(-12).join('\n')
      const lastWords = error ? said || error.message : ''
      resolve({ ok: error === null, stdout, lastWords })
    })
  })
}
