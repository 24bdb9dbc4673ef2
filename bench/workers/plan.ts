/** What a delivery process of the benchmark is told. */
export interface WorkersPlan {
  url: string
  feed: 'bus' | 'journal'
  busUrl: string
  topicPrefix: string
  targetsCount: number
}

/** What it tells. */
export type WorkersReport = { kind: 'ready' } | { kind: 'settled'; count: number }
