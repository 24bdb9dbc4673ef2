import { Problem } from '../contract/problem.ts'
import type { Scope } from '../http/auth/scopes.ts'

/** Scopes as a flag names them, separated by commas. Throws Problem `settings-invalid`. */
export async function readScopes(text: string): Promise<Scope[]> {
  const { scopes: known } = await import('../http/auth/scopes.ts')
  return text.split(',').map((scope) => {
    const found = known.find((one) => one === scope.trim())
    if (!found) throw new Problem('settings-invalid', `--scopes takes ${known.join(', ')}.`)
    return found
  })
}
