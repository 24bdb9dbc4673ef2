import type { Command } from 'commander'
import type { ShadowReport } from '../delivery/shadow/shadow-store.ts'
import { act } from './act.ts'
import { printJson, printLine, printTable } from './print.ts'

interface ShadowCommandOptions {
  target: string
  json?: boolean
}

export function registerShadow(program: Command): void {
  program
    .command('shadow')
    .description('How another translation compares with what was sent to a target')
    .requiredOption('--target <name>', 'the target that has a shadow in the settings')
    .option('--json', 'print JSON')
    .action(
      act(async ({ target, json }: ShadowCommandOptions) => {
        const [{ loadSettings }, { withDatabase }, { readShadows }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/shadow/shadow-store.ts'),
        ])
        const shadows = await withDatabase(loadSettings().settings, (pool) => readShadows(pool, target))
        if (json) printJson({ target, shadows })
        else if (shadows.length === 0) printLine(`${target} has had no shadow`)
        else for (const one of shadows) printShadow(one)
        return undefined
      }),
    )
}

function printShadow({
  name,
  connector,
  since,
  same,
  different,
  failed,
  dropped,
  failure,
  fields,
}: ShadowReport): void {
  printLine(`${name} (${connector}), since ${since.toISOString()}`)
  printLine(`same ${same}, different ${different}, failed ${failed}, not compared ${dropped}`)
  if (failure !== null) printLine(`last failure: ${failure}`)
  if (fields.length > 0) {
    const rows = fields.map(({ field, count, examples: [example] }) => [
      field,
      count,
      example?.live ?? 'absent',
      example?.shadow ?? 'absent',
      example?.receipt ?? '',
    ])
    printTable(['FIELD', 'EVENTS', 'SENT', 'SHADOW', 'RECEIPT'], rows)
  }
  printLine()
}
