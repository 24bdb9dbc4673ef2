import type { Command } from 'commander'
import { act } from './act.ts'
import { actor } from './actor.ts'
import { printJson, printLine } from './print.ts'
import { withIdentity } from './with-identity.ts'

interface RotateOptions {
  reason?: string
  compromised?: boolean
  json?: boolean
}

/** `tillflow key rotate-signing`. */
export function registerRotateSigning(key: Command): void {
  key
    .command('rotate-signing')
    .description('Let the next key sign tokens, and publish another one; tokens that are out stay good')
    .option('--compromised', 'somebody else may have the old keys: their tokens are refused, clients get new ones')
    .option('--reason <text>', 'why')
    .option('--json', 'print JSON')
    .action(act(rotate))
}

async function rotate({ reason, compromised = false, json }: RotateOptions): Promise<undefined> {
  const { rotateSigningKeys } = await import('../identity/signing-keys.ts')
  const { loadSettings } = await import('../settings/load-settings.ts')
  // Every process has read it at least once by then.
  const publishedMs = 2 * loadSettings().settings.identityPollMs
  const rotation = await withIdentity((pool, identityKey) =>
    rotateSigningKeys(pool, identityKey, {
      ...{ actor: actor(), publishedMs, isCompromised: compromised },
      ...(reason !== undefined && { reason }),
    }),
  )
  if (json) printJson(rotation)
  else {
    printLine(`key ${rotation.kid} signs from ${rotation.activeFrom.toISOString()}`)
    if (compromised) printLine(`refused from now on: tokens of ${rotation.withdrawn.join(', ')}`)
  }
  return undefined
}
