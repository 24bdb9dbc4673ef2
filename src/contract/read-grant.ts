import type { Grant } from '../domain/grant.ts'
import { Problem } from './problem.ts'

const places = ['legalEntity', 'region', 'store'] as const
const textLengthMax = 200

/**
 * Reads a grant with at most one place. Throws a Problem, with `where` and without what stands there: a field that nobody knows could
 * be meant to narrow it.
 */
export function readGrant(
  value: unknown,
  where: string,
  isRole: (word: unknown) => boolean,
  code: 'settings-invalid' | 'request-invalid' = 'settings-invalid',
): Grant {
  const fail = (what: string) => new Problem(code, `${where} ${what}.`)
  const { role, ...more } = Object(value) as Record<string, unknown>
  if (!isRole(role)) throw fail('needs a role: viewer, operator, integrator, finance or admin')
  const grant: Grant = { role: String(role) }
  for (const [name, text] of Object.entries(more)) {
    const place = places.find((one) => one === name)
    if (!place) throw fail(`has no field ${name}`)
    if (typeof text !== 'string' || text.trim() === '' || text.length > textLengthMax)
      throw fail(`needs ${place} as a text of 1 to ${textLengthMax} characters`)
    grant[place] = text
  }
  if (Object.keys(more).length > 1) throw fail('has more than one of legalEntity, region and store')
  return grant
}
