import type { Command } from 'commander'
import { systemClock } from '../contract/clock.ts'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine } from './print.ts'

interface DrainOptions {
  reason: string
  wait?: boolean
  json?: boolean
}

const lookEveryMs = 200

export function registerDrain(program: Command): void {
  program
    .command('drain <target>')
    .description('Deliver what was recorded until now, take nothing newer, then pause the target')
    .requiredOption('--reason <text>', 'why, for whoever looks at the status')
    .option('--wait', 'wait until it is paused')
    .option('--json', 'print JSON')
    .action(
      act(async (name: string, { reason, wait, json }: DrainOptions) => {
        const [{ loadSettings }, { withDatabase }, { drainTarget }, { findTarget }] = await Promise.all([
          import('../settings/load-settings.ts'),
          import('./open-database.ts'),
          import('../delivery/pause.ts'),
          import('../delivery/targets.ts'),
        ])
        const { changed, state, drain, pause } = await withDatabase(loadSettings().settings, async (pool) => {
          const begun = await drainTarget(pool, name, reason, actor())
          let target = await findTarget(pool, name)
          while (wait && target.state === 'draining') {
            await systemClock.sleep(lookEveryMs)
            target = await findTarget(pool, name)
          }
          return { changed: begun.changed, ...target }
        })
        if (json) printJson({ target: name, changed, state, ...(drain && { drain }), ...(pause && { pause }) })
        else if (drain) printLine(`${name} is draining since ${drain.since.toISOString()}: ${drain.reason}`)
        else if (pause) printLine(`${name} is paused since ${pause.since.toISOString()}: ${pause.reason}`)
        else printLine(`${name} was resumed`)
        return undefined
      }),
    )
}
