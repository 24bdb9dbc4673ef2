import { shardsCount } from '../journal/shard.ts'

/** Events whose ordering keys are of one kind share a topic; only there is an order to be kept. */
export type KeyFamily = 'pos.transaction'

export interface KeyFamilyContract {
  keyFamily: KeyFamily
  title: string
  description: string
  /** What an ordering key is, for readers. */
  orderingKey: string
  partitionsCount: number
}

export const keyFamilies: readonly KeyFamilyContract[] = [
  {
    keyFamily: 'pos.transaction',
    title: 'Transactions of tills',
    description:
      'What tills did, in the order in which it was recorded for each workstation. An event may come more than once: collapse by id.',
    orderingKey:
      'Store and workstation, such as `9/34`; for vendors without tills, store and account; for an erasure `customer:` or `loyalty:` and the reference.',
    partitionsCount: shardsCount,
  },
]
