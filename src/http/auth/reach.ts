import { type Scope, scopes } from './scopes.ts'

/** The stores to which something may be done: every one, also those that open tomorrow, or these. */
export type Reach = 'every' | ReadonlySet<string>

/** What somebody may do, and where. What is not in it they may not. */
export type Grants = ReadonlyMap<Scope, Reach>

/** The same reach for each of these scopes; a word that is no scope of ours is nothing. */
export function grantsOf(words: Iterable<string>, stores: readonly string[] | null | undefined): Grants {
  const given = new Set(words)
  const reach: Reach = stores ? new Set(stores) : 'every'
  return new Map(scopes.filter((scope) => given.has(scope)).map((scope) => [scope, reach]))
}

/** What several grants come to together. */
export function joinGrants(all: Iterable<Grants>): Grants {
  const joined = new Map<Scope, Reach>()
  for (const grants of all) {
    for (const [scope, reach] of grants) joined.set(scope, joinReach(joined.get(scope), reach))
  }
  return joined
}

function joinReach(left: Reach | undefined, right: Reach): Reach {
  if (left === 'every' || right === 'every') return 'every'
  return left ? left.union(right) : right
}
