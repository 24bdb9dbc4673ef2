import { resolve } from 'node:path'
import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { isCalendarDate } from '../domain/time.ts'
import { faultNames } from '../simulator/faults/fault-list.ts'
import { act } from './act.ts'
import { printJson } from './print.ts'
import type { SimulateOptions } from './simulate-options.ts'

interface Flags {
  to?: string
  token?: string
  force?: boolean
  prepare?: boolean
  json?: boolean
  [name: string]: string | boolean | undefined
}

export function registerSimulate(program: Command): void {
  program
    .command('simulate')
    .description('A retailer in a box: stores that sell for days, with faults if wanted, and the truth about all of it')
    .option('--stores <n>', 'stores, over ten countries', '3')
    .option('--days <n>', 'business days', '1')
    .option('--tills <n>', 'tills of each store; the fourth is a self check-out, the fifth a mobile one', '3')
    .option('--receipts <n>', 'shoppers of a till on an ordinary day', '100')
    .option(
      '--first-day <date>',
      'first business day; always the same, so that the same seed gives the same bytes',
      '2026-03-02',
    )
    .option('--seed <n>', 'another seed, another retailer', '1')
    .option('--faults <list>', 'none, light, heavy, name=rate, or several with commas', 'none')
    .option('--format <name>', 'how receipts are written: a source that has a writer', 'tillflow')
    .option('--to <url>', 'send to this hub instead of writing files')
    .option('--token <token>', 'API token; default: the environment variable TILLFLOW_TOKEN')
    .option('--speed <n>', 'with --to: so many times real time; default: as fast as the hub takes it')
    .option('--connections <n>', 'with --to: requests on their way at the same time', '8')
    .option('--out <directory>', 'where files, truth.json and tillflow.json go', 'data/simulate')
    .option('--prepare', 'write tillflow.json only, to start a hub that knows the stores')
    .option('--force', 'replace what an earlier run left in the directory')
    .option('--json', 'print one JSON summary on standard output')
    .addHelpText('after', helpText)
    .action(act(simulate))
}

const helpText = `
Examples:
  tillflow simulate                                             # three stores, one day, files in data/simulate
  tillflow simulate --stores 50 --days 30 --faults light --out year
  tillflow simulate --faults light,poison=0.01 --format tillflow --out week --days 7
  tillflow simulate --stores 5 --days 7 --prepare --out week    # settings for a hub ...
  TILLFLOW_SETTINGS_FILE=week/tillflow.json tillflow start      # ... that is started with them ...
  tillflow simulate --stores 5 --days 7 --out week --to http://127.0.0.1:7070 --speed 600

Faults: ${faultNames.join(', ')}.
The truth file says what was really sold, paid and returned, and where every fault was planted.
Exit code 6: the hub refused something; 130: stopped by Ctrl-C, what was sent stays sent.`

async function simulate(flags: Flags): Promise<number | undefined> {
  const options = readOptions(flags)
  const { runSimulate } = await import('./run-simulate.ts')
  const { summary, exitCode } = await runSimulate(options)
  if (options.json && summary) printJson(summary)
  return exitCode
}

function readOptions(flags: Flags): SimulateOptions {
  const whole = (name: string, least: number, most: number): number => {
    const text = String(flags[name])
    if (!/^\d{1,12}$/.test(text) || Number(text) < least || Number(text) > most)
      throw new Problem('settings-invalid', `--${name} takes a whole number from ${least} to ${most}.`)
    return Number(text)
  }
  const firstDay = String(flags.firstDay)
  if (!isCalendarDate(firstDay) || firstDay < '1990' || firstDay > '2100')
    throw new Problem('settings-invalid', '--first-day takes a day of the calendar, such as 2026-03-02.')
  const to = readUrl(flags.to)
  const token = flags.token ?? process.env.TILLFLOW_TOKEN
  if (to !== undefined && token === undefined && !flags.prepare)
    throw new Problem('unauthorized', 'Give a token with --token or in TILLFLOW_TOKEN.')
  return {
    retailer: {
      seed: whole('seed', 0, 4_294_967_295),
      storesCount: whole('stores', 1, 500),
      tillsPerStore: whole('tills', 1, 50),
      daysCount: whole('days', 1, 400),
      firstDay,
      receiptsPerTill: whole('receipts', 1, 10_000),
    },
    faults: String(flags.faults),
    format: String(flags.format),
    to,
    token,
    speed: readSpeed(flags.speed, to),
    connections: whole('connections', 1, 256),
    directory: resolve(String(flags.out)),
    prepare: flags.prepare ?? false,
    force: flags.force ?? false,
    json: flags.json ?? false,
  }
}

function readUrl(text: string | undefined): string | undefined {
  if (text === undefined) return undefined
  if (!URL.canParse(text) || !/^https?:$/.test(new URL(text).protocol))
    throw new Problem('settings-invalid', '--to takes the address of a hub, such as http://127.0.0.1:7070.')
  return text
}

function readSpeed(speed: Flags[string], to: string | undefined): number | undefined {
  if (speed === undefined) return undefined
  if (to === undefined)
    throw new Problem('settings-invalid', '--speed is for --to: files are written as fast as possible.')
  if (
    typeof speed !== 'string' ||
    !/^\d{1,7}(\.\d{1,3})?$/.test(speed) ||
    Number(speed) <= 0 ||
    Number(speed) > 1_000_000
  )
    throw new Problem('settings-invalid', '--speed takes a number above 0, up to 1000000.')
  return Number(speed)
}
