import type { Command } from 'commander'
import { act } from './act.ts'
import { exitCodes } from './exit-codes.ts'
import { printJson, printLine } from './print.ts'

export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .description('Look whether this machine and this installation are in order, and what they promise')
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExit code 1: something would keep the hub from starting, or breaks its promise.')
    .action(
      act(async ({ json }: { json?: boolean }) => {
        const [{ loadSettings }, { examine }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./examine.ts'),
        ])
        const checks = await examine(() => loadSettings().settings)
        if (json) printJson(checks)
        else
          for (const check of checks)
            printLine(
              `${check.ok ? 'ok  ' : 'FAIL'}  ${check.name.padEnd(16)}${check.detail}${check.ok || !check.advice ? '' : `\n      next: ${check.advice}`}`,
            )
        return checks.every((check) => check.ok) ? undefined : exitCodes.failure
      }),
    )
}
