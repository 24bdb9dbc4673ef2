/** What a benchmark prints: ratios only, since machines differ and are noisy. */
export interface BenchResult {
  name: string
  ratios: Ratio[]
}

export interface Ratio {
  name: string
  value: number
  goal: number
  better: 'higher' | 'lower'
}
