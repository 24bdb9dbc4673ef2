import type { Command } from 'commander'
import type { ScaffoldKind } from '../scaffold/scaffold-kind.ts'
import { connectorKind, sourceKind } from '../scaffold/scaffold-kind.ts'
import { act } from './act.ts'
import { printJson, printLine } from './print.ts'

interface NewRoomOptions {
  from?: string
  title?: string
  json?: boolean
}

export function registerNewConnector(program: Command): void {
  registerNewRoom(program, connectorKind, 'tillflow new-connector acme-erp --title "Acme ERP"')
}

export function registerNewSource(program: Command): void {
  registerNewRoom(program, sourceKind, 'tillflow new-source acme-till --from shopify')
}

function registerNewRoom(program: Command, kind: ScaffoldKind, example: string): void {
  program
    .command(`new-${kind.kind} <name>`)
    .description(`Make a ${kind.kind} in a checkout of the repository, as a copy of a real, tested one`)
    .option('--from <name>', `the ${kind.kind} that is copied`, kind.template)
    .option('--title <text>', 'its name for people; default: made of the name')
    .option('--json', 'print the files as JSON')
    .addHelpText('after', `\nExample:\n  ${example}\n\nCONTRIBUTING.md leads through what comes next.`)
    .action(
      act(async (name: string, { from, title, json }: NewRoomOptions) => {
        const { createRoom } = await import('../scaffold/create-room.ts')
        const files = await createRoom(kind, {
          root: process.cwd(),
          name,
          ...(title !== undefined && { title }),
          ...(from !== undefined && { template: from }),
        })
        if (json) printJson({ name, files })
        else tell(kind, name, files)
        return undefined
      }),
    )
}

function tell(kind: ScaffoldKind, name: string, files: readonly string[]): void {
  for (const file of files) printLine(file)
  const suite = `src/${kind.folder}/${name}`
  process.stderr.write(
    `\nIts suite is green from the first minute; keep it so:\n  npx vitest run --project unit ${suite}\n`,
  )
  process.stderr.write(`\nThen write, in this order:\n${kind.firstSteps.map((step) => `  ${step}\n`).join('')}`)
}
