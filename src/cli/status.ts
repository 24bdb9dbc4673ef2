import type { Command } from 'commander'
import { act } from './act.ts'
import { printJson, printLine, printTable } from './print.ts'
import { printPauses } from './print-pauses.ts'
import { printRelays } from './print-relays.ts'

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('Where every acknowledged receipt stands, and which till numbers are missing')
    .option('--json', 'print JSON')
    .action(
      act(async ({ json }: { json?: boolean }) => {
        const [{ loadSettings }, { withDatabase }, { readHubStatus }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('./hub-status.ts'),
        ])
        const status = await withDatabase(loadSettings().settings, readHubStatus)
        if (json) {
          printJson(status)
          return undefined
        }
        printLine(
          `receipts ${status.transactions}, quarantined ${status.quarantined}, conflicts ${status.conflicts}, missing till numbers ${status.gaps}`,
        )
        printLine()
        const rows = status.targets.map((one) => [
          one.name,
          one.state,
          one.delivered,
          one.skipped,
          one.parked,
          one.waiting,
          one.pending,
        ])
        printTable(['TARGET', 'STATE', 'DELIVERED', 'SKIPPED', 'PARKED', 'WAITING', 'PENDING'], rows)
        printPauses(status.targets)
        printRelays(status.relays)
        for (const gap of status.gapList.slice(0, 20)) {
          const numbers =
            gap.firstNumber === gap.lastNumber ? gap.firstNumber : `${gap.firstNumber} to ${gap.lastNumber}`
          printLine(
            `missing: store ${gap.businessUnitId}, workstation ${gap.workstationId}: ${numbers} (found ${gap.foundAt.toISOString()})`,
          )
        }
        return undefined
      }),
    )
}
