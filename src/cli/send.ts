import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson, printLine } from './print.ts'

interface SendOptions {
  to: string
  token?: string
  tillFile?: string
  source?: string
  json?: boolean
}

export function registerSend(program: Command): void {
  program
    .command('send <file...>')
    .description('Send files to a hub; sending again does no harm')
    .option('--to <url>', 'address of the hub', 'http://127.0.0.1:7070')
    .option('--token <token>', 'API token; default: the environment variable TILLFLOW_TOKEN')
    .option('--till-file <file>', 'the file of tillflow till enrol, instead of a token')
    .option('--source <name>', 'how to read them; default: found by their first bytes')
    .option('--json', 'print JSON')
    .action(act(send))
}

async function send(files: string[], options: SendOptions): Promise<number | undefined> {
  const token =
    options.tillFile === undefined
      ? (options.token ?? process.env.TILLFLOW_TOKEN)
      : await (await import('./till-file.ts')).readTillFile(options.tillFile, options.to)
  if (token === undefined) throw new Problem('unauthorized', 'Give a token with --token or in TILLFLOW_TOKEN.')
  const { sendFile } = await import('./send-file.ts')
  const sent = []
  for (const file of files) {
    const result = await sendFile({ file, to: options.to, token, source: options.source })
    sent.push(result)
    if (!options.json) {
      const { recorded, duplicates, quarantined, conflicts, refused, noted } = result
      printLine(
        `${file}: recorded ${recorded}, duplicates ${duplicates}, quarantined ${quarantined}, conflicts ${conflicts}, refused ${refused}${noted > 0 ? `, noted ${noted}` : ''}`,
      )
      for (const problem of result.problems.slice(0, 20)) printLine(`  ${problem}`)
    }
  }
  if (options.json) printJson(sent)
  return sent.some((one) => one.refused > 0 || one.conflicts > 0 || one.problems.length > 0)
    ? exitCodes.partial
    : undefined
}
