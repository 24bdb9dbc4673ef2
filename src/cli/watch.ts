import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { exitCodes } from './exit-codes.ts'
import { printLine, say } from './print.ts'

interface WatchCommandOptions {
  to: string
  token?: string
  source?: string
  account?: string
  interval: string
  stable: string
  sizeMax: string
  badMax: string
  sameName: string
  manifest: string
  once?: boolean
  json?: boolean
}

export function registerWatch(program: Command): void {
  program
    .command('watch <directory>')
    .description('Send the files that are dropped into a directory to a hub, and put them away')
    .option('--to <url>', 'address of the hub', 'http://127.0.0.1:7070')
    .option('--token <token>', 'API token; default: the environment variable TILLFLOW_TOKEN')
    .option('--source <name>', 'how to read them; default: found by their first bytes')
    .option('--account <name>', "the vendor's account that they come from")
    .option('--interval <seconds>', 'how often to look', '2')
    .option('--stable <seconds>', 'how long a file must stand still before it is taken', '5')
    .option('--size-max <mebibytes>', 'larger files are rejected', '2048')
    .option('--bad-max <percent>', 'share of bad lines above which a file is stopped', '5')
    .option('--same-name <way>', 'a name that was taken before with other content: hold or accept', 'hold')
    .option('--manifest <need>', 'NAME.manifest.json beside a file: optional or required', 'optional')
    .option('--once', 'end when everything that is there has been dealt with')
    .option('--json', 'print a line of JSON for each file')
    .addHelpText(
      'after',
      '\nFiles end in done/, held/ (a person must look) or rejected/, each with a report beside it.\nExit code 6 with --once: something was held or rejected, or was still growing.',
    )
    .action(act(watch))
}

async function watch(directory: string, options: WatchCommandOptions): Promise<number | undefined> {
  const token = options.token ?? process.env.TILLFLOW_TOKEN
  if (token === undefined) throw new Problem('unauthorized', 'Give a token with --token or in TILLFLOW_TOKEN.')
  const [{ watchFolder }, { dropReader }, { systemClock, systemRandom }] = await Promise.all([
    import('../file-drop/watch-folder.ts'),
    import('./drop-reader.ts'),
    import('../contract/clock.ts'),
  ])
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  let clean = true
  const { growing } = await watchFolder(
    {
      directory,
      stableMs: number('--stable', options.stable, 0, 3_600) * 1_000,
      intervalMs: number('--interval', options.interval, 0.05, 3_600) * 1_000,
      bytesMax: number('--size-max', options.sizeMax, 0.001, 1_048_576) * 1_048_576,
      badShareMax: number('--bad-max', options.badMax, 0, 100) / 100,
      sameName: choice('--same-name', options.sameName, ['hold', 'accept'] as const),
      needsManifest: choice('--manifest', options.manifest, ['optional', 'required'] as const) === 'required',
      once: options.once === true,
      ...dropReader(options.source),
      onResult: (result) => {
        clean &&= result.outcome === 'done'
        printLine(options.json ? JSON.stringify(result) : describe(result))
      },
    },
    {
      hub: {
        to: options.to,
        token,
        ...(options.account !== undefined && { account: options.account }),
        ...(options.once && { attemptsMax: 5 }),
      },
      clock: systemClock,
      random: systemRandom,
      onWaiting: ({ code, message }) => say(`waiting (${code}): ${message}`),
      signal: stop.signal,
    },
  )
  return options.once && (!clean || growing > 0) ? exitCodes.partial : undefined
}

function describe(result: import('../file-drop/put-away.ts').FileResult): string {
  const { name, outcome, recorded, duplicates, quarantined, conflicts, refused, noted, what, why } = result
  const counts = `recorded ${recorded}, duplicates ${duplicates}, quarantined ${quarantined}, conflicts ${conflicts}, refused ${refused}, noted ${noted}`
  return `${name}: ${outcome}${what === undefined ? '' : ` (${what}: ${why})`}, ${counts}`
}

function number(name: string, text: string, minimum: number, maximum: number): number {
  const value = Number(text)
  if (text.trim() === '' || !(value >= minimum && value <= maximum))
    throw new Problem('settings-invalid', `${name} is a number from ${minimum} to ${maximum}.`)
  return value
}

function choice<const Choice extends string>(name: string, text: string, choices: readonly Choice[]): Choice {
  const found = choices.find((one) => one === text)
  if (found === undefined) throw new Problem('settings-invalid', `${name} is ${choices.join(' or ')}.`)
  return found
}
