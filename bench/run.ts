import { cpus, totalmem } from 'node:os'
import type { BenchResult } from './result.ts'

const benches: Record<string, () => Promise<BenchResult>> = {
  intake: async () => (await import('./intake.ts')).benchIntake(),
  read: async () => (await import('./read.ts')).benchRead(),
  deliver: async () => (await import('./deliver.ts')).benchDeliver(),
}

/** What the figures were measured on. */
function machine(): string {
  const [cpu] = cpus()
  return `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${cpu?.model ?? process.arch}, Node.js ${process.versions.node}, ${process.platform}`
}

const [name, ...flags] = process.argv.slice(2)
const bench = name === undefined ? undefined : benches[name]
if (!bench) {
  process.stderr.write(`usage: npm run bench -- NAME [--json]   NAME is one of ${Object.keys(benches).join(', ')}\n`)
  process.exit(2)
}
const { ratios } = await bench()
if (flags.includes('--json')) {
  process.stdout.write(`${JSON.stringify({ name, machine: machine(), ratios })}\n`)
} else {
  process.stdout.write(`${name} on ${machine()}\n`)
  for (const { name: ratio, value, goal, better } of ratios) {
    const reached = better === 'higher' ? value >= goal : value <= goal
    process.stdout.write(
      `${reached ? 'ok  ' : 'MISS'}  ${value.toFixed(2).padStart(7)}  (goal ${better === 'higher' ? '>=' : '<='} ${goal})  ${ratio}\n`,
    )
  }
}
process.exit(0)
