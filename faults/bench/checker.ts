/** Values that occur more than once. */
export function findDoubled(values: readonly string[]): string[] {
  const seen = new Set<string>()
  const doubled = new Set<string>()
  for (const value of values) {
    if (seen.has(value)) doubled.add(value)
    seen.add(value)
  }
  return [...doubled]
}

/** What was expected and is not there. */
export function findMissing(expected: Iterable<string>, there: Iterable<string>): string[] {
  const found = new Set(there)
  return [...new Set(expected)].filter((value) => !found.has(value))
}

/** One thing that happened to an ordering key, with its place in the order in which it should have happened. */
export interface Placed {
  key: string
  place: number
}

/** Things that happened to a key after something that should have come later. A repeat of the same place is none. */
export function findInversions(happened: readonly Placed[]): Placed[] {
  const highest = new Map<string, number>()
  return happened.filter(({ key, place }) => {
    const before = highest.get(key) ?? Number.NEGATIVE_INFINITY
    highest.set(key, Math.max(before, place))
    return place < before
  })
}

/** The key and number of a transaction key such as `till:9/3/-/160`. */
export function placeOf(transactionKey: string): Placed {
  const end = transactionKey.lastIndexOf('/')
  return { key: transactionKey.slice(0, end), place: Number(transactionKey.slice(end + 1)) }
}

/** A share of the sorted values, such as 0.95. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0
}
