import { describe, expect, it } from 'vitest'
import { createCommitQueue } from './commit-queue.ts'

const ref = (partition: number) => ({ topic: 'receipts', partition })
const ours = { maySend: () => true, isHeld: () => true }

/** A queue whose requests end when the test says so. */
function open() {
  const sent: { partitions: number[]; answer: PromiseWithResolvers<void> }[] = []
  const queue = createCommitQueue(
    (offsets) => {
      const answer = Promise.withResolvers<void>()
      sent.push({ partitions: offsets.map(({ partition }) => partition), answer })
      return answer.promise
    },
    () => {},
  )
  return { queue, sent, partitionsSent: () => sent.map(({ partitions }) => partitions) }
}

describe('the queue of commits', () => {
  it('sends together what came while a request was on its way', async () => {
    const { queue, sent, partitionsSent } = open()
    const all = [0, 1, 2].map((partition) => queue.commit(ref(partition), 5n, ours))
    sent[0]?.answer.resolve()
    await expect.poll(partitionsSent).toEqual([[0], [1, 2]])
    sent[1]?.answer.resolve()
    await Promise.all(all)
  })

  it('does not send what waited until another may have the partition', async () => {
    const { queue, sent, partitionsSent } = open()
    let isLate = false
    const first = queue.commit(ref(0), 5n, ours)
    const late = queue.commit(ref(1), 5n, { ...ours, maySend: () => !isLate })
    isLate = true
    sent[0]?.answer.resolve()
    await Promise.all([first, late])
    const next = queue.commit(ref(2), 5n, ours)
    expect(partitionsSent()).toEqual([[0], [2]])
    sent[1]?.answer.resolve()
    await next
  })

  it('does not send again what failed until another may have the partition', async () => {
    const { queue, sent, partitionsSent } = open()
    let isLate = false
    const late = queue.commit(ref(1), 5n, { ...ours, maySend: () => !isLate })
    sent[0]?.answer.reject(new Error('no coordinator'))
    await Promise.resolve()
    isLate = true
    await late
    expect(partitionsSent()).toEqual([[1]])
  })

  it('sends once what is given up, and does not try again when that fails', async () => {
    const { queue, sent, partitionsSent } = open()
    const last = queue.commit(ref(1), 5n, { ...ours, isHeld: () => false })
    expect(partitionsSent()).toEqual([[1]])
    sent[0]?.answer.reject(new Error('no coordinator'))
    await last
    expect(partitionsSent()).toHaveLength(1)
  })
})
