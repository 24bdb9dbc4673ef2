import type { Command } from 'commander'
import { act } from './act.ts'
import { printJson, printLine, printTable } from './print.ts'
import { printGuards } from './print-guards.ts'
import { printPauses } from './print-pauses.ts'
import { printRelays } from './print-relays.ts'
import { printTrials, trialsOf } from './print-trials.ts'

export function registerStatus(program: Command): void {
  program
    .command('status')
    .description('Where every acknowledged receipt stands, and which till numbers are missing')
    .option('--json', 'print JSON')
    .action(
      act(async ({ json }: { json?: boolean }) => {
        const [{ loadSettings }, { targetSettings }, { withDatabase }, { readHubStatus }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('../settings/targets.ts'),
          import('./open-database.ts'),
          import('./hub-status.ts'),
        ])
        const { settings } = loadSettings()
        const trials = targetSettings(settings)
        const status = await withDatabase(settings, readHubStatus)
        if (json) {
          printJson({ ...status, targets: status.targets.map((one) => ({ ...one, ...trialsOf(one.name, trials) })) })
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
        printGuards(status.targets)
        printTrials(trials)
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
