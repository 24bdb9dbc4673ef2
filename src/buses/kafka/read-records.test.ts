import { IS_CONTROL, type RecordsBatch } from '@platformatic/kafka'
import { expect, it } from 'vitest'
import { readRecords } from './read-records.ts'

const batchOf = (firstOffset: bigint, offsetDeltas: number[], lastOffsetDelta: number, attributes = 0) =>
  ({
    firstOffset,
    lastOffsetDelta,
    attributes,
    records: offsetDeltas.map((offsetDelta) => ({ offsetDelta, key: null, value: Buffer.from('x'), headers: [] })),
  }) as unknown as RecordsBatch

const read = (batches: RecordsBatch[], from: bigint, max = 100) => {
  const { messages, nextOffset } = readRecords(batches, { topic: 't', partition: 0 }, from, max)
  return { offsets: messages.map(({ offset }) => offset), nextOffset }
}

it('leaves out what lies before the offset in the same batch', () => {
  expect(read([batchOf(10n, [0, 1, 2], 2)], 11n)).toEqual({ offsets: ['11', '12'], nextOffset: 13n })
})

it('stops at the most, and goes on with the next one', () => {
  expect(read([batchOf(10n, [0, 1, 2], 2)], 10n, 2)).toEqual({ offsets: ['10', '11'], nextOffset: 12n })
  expect(read([batchOf(10n, [0, 1, 2], 2)], 10n, 0)).toEqual({ offsets: [], nextOffset: 10n })
})

it('goes on behind what was compacted away and behind marks of transactions', () => {
  expect(read([batchOf(10n, [0, 3], 5)], 10n)).toEqual({ offsets: ['10', '13'], nextOffset: 16n })
  expect(read([batchOf(10n, [], 4)], 10n)).toEqual({ offsets: [], nextOffset: 15n })
  expect(read([batchOf(10n, [0], 0, IS_CONTROL)], 10n)).toEqual({ offsets: [], nextOffset: 11n })
})
