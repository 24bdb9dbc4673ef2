/** Puts `few` into `many` at equal distances, the first one in front; both keep their order. */
export function spreadEvenly<One>(few: readonly One[], many: readonly One[]): One[] {
  if (few.length === 0) return [...many]
  const startOf = (index: number) => Math.floor((index * many.length) / few.length)
  return few.flatMap((one, index) => [one, ...many.slice(startOf(index), startOf(index + 1))])
}
