import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { demoBuses } from '../demo/bus/find-broker.ts'
import type { DemoOptions } from '../demo/demo-options.ts'
import { act } from './act.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson } from './print.ts'

interface Flags {
  once?: boolean
  json?: boolean
  faults: boolean
  [name: string]: string | boolean | undefined
}

export function registerDemo(program: Command): void {
  program
    .command('demo [file...]')
    .description(
      'Run everything on this machine: three stores sell a day, three systems must know, and nothing may be lost',
    )
    .option('--once', 'end by itself')
    .option('--json', 'print one JSON summary on standard output')
    .option('--stores <n>', 'stores', '3')
    .option('--tills <n>', 'tills of each store', '3')
    .option('--receipts <n>', "receipts of each till's day", '150')
    .option('--seed <n>', 'another seed, another day', '1')
    .option('--no-faults', 'tills that never double, swap, contradict or forget')
    .option('--kill <n>', 'kill -9 the hub, a delivery process or the database so often meanwhile', '0')
    .option('--workers <n>', 'delivery processes', '2')
    .option('--pause-ms <n>', 'wait between two receipts of a till', '5')
    .option('--bus <engine>', `publish every event and read it back: ${demoBuses.join(', ')}`, 'none')
    .option('--bus-url <url>', 'broker of --bus; without it one on this machine is used, and started')
    .option('--port <n>', 'port of the hub; 0: any free one', '7070')
    .option('--data-directory <path>', 'where everything of the demo lives; emptied at the start', 'data/demo')
    .addHelpText(
      'after',
      '\nExamples:\n  npm run demo\n  npm run demo -- POSLog.xml\n  npm run demo -- --once --json --kill 20\n  npm run demo -- --bus kafka',
    )
    .action(act(demo))
}

async function demo(files: string[], flags: Flags): Promise<number | undefined> {
  const whole = (name: string, most: number): number => {
    const text = String(flags[name])
    if (!/^\d+$/.test(text) || Number(text) > most)
      throw new Problem('settings-invalid', `--${name} takes a whole number up to ${most}.`)
    return Number(text)
  }
  const bus = demoBuses.find((engine) => engine === flags.bus)
  if (bus === undefined) throw new Problem('settings-invalid', `--bus takes one of ${demoBuses.join(', ')}.`)
  if (bus === 'none' && flags.busUrl !== undefined)
    throw new Problem('settings-invalid', '--bus-url needs --bus, which says what kind of broker it is.')
  const options: DemoOptions = {
    files: files.map((file) => resolve(file)),
    once: flags.once ?? false,
    json: flags.json ?? false,
    faults: flags.faults,
    dataDirectory: resolve(String(flags.dataDirectory)),
    port: whole('port', 65_535),
    stores: whole('stores', 500),
    tills: whole('tills', 50),
    receipts: whole('receipts', 100_000),
    seed: whole('seed', 4_294_967_295),
    kills: whole('kill', 1_000),
    workers: whole('workers', 16),
    pauseMs: whole('pauseMs', 60_000),
    bus,
    busUrl: flags.busUrl === undefined ? undefined : String(flags.busUrl),
  }
  const { runDemo } = await import('../demo/run-demo.ts')
  const summary = await runDemo(options)
  if (options.json) printJson(summary)
  return summary.lost === 0 && summary.doubled === 0 ? undefined : exitCodes.failure
}
