import type { Grant } from '../../../domain/grant.ts'

const groupsMax = 1_000

type Claims = Readonly<Record<string, unknown>>

/**
 * The groups that a claim names: a list of texts, or one text. `claim` is a name, or a path of names with dots in between; a claim whose own
 * name has dots is found first.
 */
export function groupsOf(claims: Claims, claim: string): string[] {
  const found = findClaim(claims, claim)
  const list: unknown[] = Array.isArray(found) ? found : [found]
  return list.filter((one) => typeof one === 'string').slice(0, groupsMax)
}

/** Whether anything at all is said of groups, be it that there are none. */
export function namesGroups(claims: Claims, claim: string): boolean {
  return findClaim(claims, claim) !== undefined
}

/** What an ID token without this claim says, and the userinfo endpoint beside it. What both say, the token says: it is signed. */
export function joinUserinfo(token: Claims, userinfo: Claims, claim: string): Claims {
  const outer = Object.hasOwn(userinfo, claim) ? claim : (claim.split('.')[0] ?? claim)
  return { ...userinfo, ...token, ...(namesGroups(userinfo, claim) && { [outer]: userinfo[outer] }) }
}

/**
 * Whether a provider says that the groups are to be had elsewhere only: `_claim_names` (OpenID Connect Core, 5.6.2), which Entra ID sends
 * instead of more groups than it puts into a token, and `hasgroups`, which is the same in fewer words.
 */
export function areGroupsElsewhere(claims: Claims, claim: string): boolean {
  if (namesGroups(claims, claim)) return false
  const { _claim_names: elsewhere, hasgroups } = claims
  return findClaim(Object(elsewhere) as Claims, claim) !== undefined || (claim === 'groups' && hasgroups === true)
}

function findClaim(claims: Claims, claim: string): unknown {
  return Object.hasOwn(claims, claim) ? claims[claim] : claim.split('.').reduce(stepInto, claims as unknown)
}

function stepInto(value: unknown, name: string): unknown {
  const isObject = value !== null && typeof value === 'object' && !Array.isArray(value)
  return isObject && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

/** What these groups mean, as the settings say; a group that they do not name means nothing. */
export function grantsOfGroups(groups: readonly string[], meaning: ReadonlyMap<string, readonly Grant[]>): Grant[] {
  return [...new Set(groups)].flatMap((group) => meaning.get(group) ?? [])
}
