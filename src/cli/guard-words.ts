import type { Command } from 'commander'
import { exitCodes } from './exit-codes.ts'

/** Options whose words are kept for ever: why somebody did something, and what they called it. */
const keptOptions = ['reason', 'name'] as const

/** Masks card numbers in words that a command keeps, and refuses what may never be kept, before the command sees them. */
export async function guardWords(_program: Command, command: Command): Promise<void> {
  const kept = keptOptions.filter((name) => typeof command.getOptionValue(name) === 'string')
  if (kept.length === 0) return
  const [{ maskCardNumbers }, { refuseSensitiveAuthenticationData }] = await Promise.all([
    import('../privacy/card-numbers/mask-card-numbers.ts'),
    import('../privacy/card-numbers/sensitive-data.ts'),
  ])
  for (const name of kept) {
    const words: string = command.getOptionValue(name)
    try {
      refuseSensitiveAuthenticationData(words)
    } catch {
      command.error(`error: --${name} holds what may never be kept (sensitive-authentication-data)`, {
        exitCode: exitCodes.usage,
      })
    }
    command.setOptionValue(name, maskCardNumbers(words).text)
  }
}
