import { basename, dirname, resolve } from 'node:path'
import type { Command } from 'commander'
import { Problem } from '../contract/problem.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { withErasureHouse } from './open-erasure-house.ts'
import { printJson, printLine } from './print.ts'
import { subjectOfArgument } from './read-subject.ts'
import { writePrivately } from './write-privately.ts'

interface ExportOptions {
  reason?: string
  out?: string
  json?: boolean
}

export function registerExport(program: Command): void {
  program
    .command('export <subject>')
    .description('Write everything that is kept of a person (customer:ID, loyalty:ID, or -) into a file, as JSON')
    .option('--reason <text>', 'why, for whoever looks later')
    .option('--out <file>', 'a file that is not there yet; only its owner can read it')
    .option('--json', 'print JSON')
    .action(
      act(async (text: string, { reason, out, json }: ExportOptions) => {
        if (reason === undefined) throw new Problem('settings-invalid', 'Say why with --reason.')
        if (out === undefined) throw new Problem('settings-invalid', 'Name a file with --out.')
        const subject = await subjectOfArgument(text)
        const { exportPerson } = await import('../privacy/erasure/export-person.ts')
        const exported = await withErasureHouse((house) => exportPerson(house, { subject, reason, actor: actor() }))
        const path = resolve(out)
        await writePrivately(dirname(path), basename(path), `${JSON.stringify(exported, null, 2)}\n`)
        const { records, reference } = exported
        if (json) printJson({ records, reference, file: path })
        else printLine(`${records} records of ${reference} are in ${path}`)
        return undefined
      }),
    )
}
