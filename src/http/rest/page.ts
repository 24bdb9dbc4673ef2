import { Problem } from '../../contract/problem.ts'

const pageMax = 200

export const uuidPattern = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
const uuid = new RegExp(uuidPattern)

/** How many of a list are asked for. Throws `Problem` `invalid-page`. */
export function pageLimit(limit = '50'): number {
  if (!/^\d{1,3}$/.test(limit) || Number(limit) < 1 || Number(limit) > pageMax) throw new Problem('invalid-page')
  return Number(limit)
}

/** After which event a page begins. Throws `Problem` `invalid-page`. */
export function pageAfter(after: string | undefined): { after?: string } {
  if (after === undefined) return {}
  if (!uuid.test(after)) throw new Problem('invalid-page')
  return { after }
}
