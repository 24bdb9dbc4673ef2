import { createProgram } from '../src/cli/program.ts'
import type { AskedCommand, Said } from './command-process.ts'

/** How a command ends its process; here it only ends the command. */
class Ended {
  readonly code: number
  constructor(code: number) {
    this.code = code
  }
}

const environment = { ...process.env }
const { exit } = process
const write = { stdout: process.stdout.write, stderr: process.stderr.write }
let running = Promise.resolve()

process.on('message', (asked: AskedCommand) => {
  running = running.then(async () => {
    process.send?.(await run(asked))
  })
})
process.once('disconnect', () => exit())

/** Runs a command as `src/main.ts` does, in a process that goes on, and answers what it said. */
async function run({ number, args, more }: AskedCommand): Promise<Said> {
  const said = { stdout: '', stderr: '' }
  const collect = (stream: keyof typeof said) => (text: string | Uint8Array) => {
    said[stream] += typeof text === 'string' ? text : Buffer.from(text).toString()
    return true
  }
  process.env = { ...environment, ...more }
  process.exitCode = undefined
  process.stdout.write = collect('stdout')
  process.stderr.write = collect('stderr')
  process.exit = (code) => {
    throw new Ended(Number(code ?? 0))
  }
  try {
    await createProgram().parseAsync(args, { from: 'user' })
  } catch (error) {
    process.exitCode = error instanceof Ended ? error.code : 1
    if (!(error instanceof Ended)) said.stderr += String(error)
  }
  const code = Number(process.exitCode ?? 0)
  Object.assign(process, { exit, exitCode: undefined })
  process.stdout.write = write.stdout
  process.stderr.write = write.stderr
  // A command listens for them until its process ends.
  for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal)
  return { number, code, ...said }
}
