import type { Command } from 'commander'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine, say } from './print.ts'
import { withIdentity } from './with-identity.ts'

interface BreakGlassOptions {
  reason: string
  json?: boolean
}

export function registerBreakGlass(program: Command): void {
  program
    .command('break-glass')
    .description('Let an administrator in while the provider of people is away: a code for one session of an hour')
    .requiredOption('--reason <text>', 'why; it stands in the log of acts')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      '\nThe code works once, for 15 minutes, at /auth/break-glass of the hub. Making one needs the database and the master key.',
    )
    .action(act(breakTheGlass))
}

async function breakTheGlass({ reason, json }: BreakGlassOptions): Promise<undefined> {
  const [{ breakGlass }, { loadSettings }] = await Promise.all([
    import('../identity/break-glass.ts'),
    import('../settings/load-settings.ts'),
  ])
  const { publicUrl, httpHost, httpPort } = loadSettings().settings
  const broken = await withIdentity((pool, identityKey) => breakGlass(pool, identityKey, { reason, actor: actor() }))
  const url = `${publicUrl || `http://${httpHost}:${httpPort}`}/auth/break-glass`
  if (json) {
    printJson({ ...broken, url })
    return undefined
  }
  printLine(broken.code)
  say(`Type this code at ${url} until ${broken.expiresAt.toISOString().slice(11, 16)} UTC. It works once.`)
  return undefined
}
