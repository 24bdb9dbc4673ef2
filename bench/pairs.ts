/** Pairs of one benchmark; nine are the least from which a median says something on a noisy machine. */
export const pairsDefault = 9

/**
 * Runs two ways of doing a thing in turn, A B A B ..., and returns the median of the ratios of their speeds: what disturbs the
 * machine for a while disturbs both.
 */
export async function medianOfPairs(
  name: string,
  pairs: number,
  ours: () => Promise<number>,
  theirs: () => Promise<number>,
): Promise<number> {
  const ratios: number[] = []
  for (let pair = 0; pair < pairs; pair += 1) {
    // Who goes first changes from pair to pair, so that warmth helps both.
    const first = pair % 2 === 0 ? ours : theirs
    const one = await first()
    const other = await (first === ours ? theirs : ours)()
    const [mine, baseline] = first === ours ? [one, other] : [other, one]
    const ratio = mine / baseline
    ratios.push(ratio)
    const speeds = `ours ${Math.round(mine)}/s, theirs ${Math.round(baseline)}/s, ratio ${ratio.toFixed(2)}`
    process.stderr.write(`${name}: pair ${pair + 1}/${pairs}: ${speeds}\n`)
  }
  return median(ratios)
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[middle]]
  return (low + high) / 2
}
