import type { Grant } from '../../../domain/grant.ts'

const groupsMax = 1_000

/**
 * The groups that a claim names: a list of texts, or one text. `claim` is a name, or a path of names with dots in between; a claim whose own
 * name has dots is found first.
 */
export function groupsOf(claims: Readonly<Record<string, unknown>>, claim: string): string[] {
  const found = Object.hasOwn(claims, claim) ? claims[claim] : claim.split('.').reduce(stepInto, claims as unknown)
  const list: unknown[] = Array.isArray(found) ? found : [found]
  return list.filter((one) => typeof one === 'string').slice(0, groupsMax)
}

function stepInto(value: unknown, name: string): unknown {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

/** What these groups mean, as the settings say; a group that they do not name means nothing. */
export function grantsOfGroups(groups: readonly string[], meaning: ReadonlyMap<string, readonly Grant[]>): Grant[] {
  return [...new Set(groups)].flatMap((group) => meaning.get(group) ?? [])
}
