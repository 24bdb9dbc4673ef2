import { spawn } from 'node:child_process'
import { join } from 'node:path'

export const mainScript = join(import.meta.dirname, '../../src/main.ts')

/** Runs a command as a user does and returns what it prints as JSON. Throws with its last words when it fails. */
export async function runTillflow<Printed>(
  args: readonly string[],
  options: { environment?: Record<string, string>; accept?: readonly number[] } = {},
): Promise<Printed> {
  const { environment = {}, accept = [0] } = options
  const child = spawn(process.execPath, [mainScript, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, code] = await new Promise<[string, string, number | null]>((resolve, reject) => {
    const text = { out: '', err: '' }
    child.stdout.setEncoding('utf8').on('data', (piece) => {
      text.out += piece
    })
    child.stderr.setEncoding('utf8').on('data', (piece) => {
      text.err += piece
    })
    child.once('error', reject)
    child.once('close', (code) => resolve([text.out, text.err, code]))
  })
  if (!accept.includes(code ?? -1)) throw new Error(`tillflow ${args[0]} ended with ${code}: ${stderr.slice(-2_000)}`)
  return JSON.parse(stdout) as Printed
}
