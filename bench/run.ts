import { cpus, totalmem } from 'node:os'
import { parseArgs } from 'node:util'
import type { RelayBenchOptions } from './relay.ts'
import type { BenchResult } from './result.ts'

const benches: Record<string, (pairs?: number, options?: RelayBenchOptions) => Promise<BenchResult>> = {
  intake: async (pairs) => (await import('./intake.ts')).benchIntake(pairs),
  identity: async (pairs) => (await import('./identity.ts')).benchIdentity(pairs),
  protect: async (pairs) => (await import('./protect.ts')).benchProtect(pairs),
  read: async (pairs) => (await import('./read.ts')).benchRead(pairs),
  deliver: async (pairs) => (await import('./deliver.ts')).benchDeliver(pairs),
  relay: async (pairs, options) => (await import('./relay.ts')).benchRelay(pairs, options),
  workers: async (pairs) => (await import('./workers.ts')).benchWorkers(pairs),
  simulate: async (pairs) => (await import('./simulate.ts')).benchSimulate(pairs),
  send: async (pairs) => (await import('./send.ts')).benchSend(pairs),
  'end-to-end': async (runs) => (await import('./end-to-end.ts')).benchEndToEnd(runs),
  tryton: async (pairs) => (await import('./tryton.ts')).benchTryton(pairs),
}

/** What the figures were measured on. */
function machine(): string {
  const [cpu] = cpus()
  return `${cpus().length} cores, ${Math.round(totalmem() / 2 ** 30)} GiB, ${cpu?.model ?? process.arch}, Node.js ${process.versions.node}, ${process.platform}`
}

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    pairs: { type: 'string' },
    bus: { type: 'string' },
    'bus-url': { type: 'string' },
  },
})
const [name] = positionals
const pairs = flags.pairs === undefined ? undefined : Number(flags.pairs)
const bench = name === undefined ? undefined : benches[name]
if (!bench || (pairs !== undefined && !(Number.isSafeInteger(pairs) && pairs > 0))) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--json] [--pairs N]   NAME is one of ${Object.keys(benches).join(', ')}\n       relay: [--bus postgres|kafka|rabbitmq] [--bus-url URL]\n`,
  )
  process.exit(2)
}
const { ratios } = await bench(pairs, { bus: flags.bus, busUrl: flags['bus-url'] })
if (flags.json) {
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
