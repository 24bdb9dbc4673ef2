import { describe, expect, it } from 'vitest'
import { eventTypes, type JournalEvent, type JournalPosition } from '../../journal/event.ts'
import { type FedEvent, ShardBuffer } from './shard-buffer.ts'

const at = (position: number): JournalPosition => ({ xid: '7', position: String(position) })
const start: JournalPosition = { xid: '0', position: '0' }

function eventAt(position: number): JournalEvent {
  return {
    eventId: `e${position}`,
    ...at(position),
    shard: 3,
    eventType: eventTypes.recorded,
    subject: `till:1/1/-/${position}`,
    orderingKey: '1/1',
    dependsOn: [],
    data: {},
    traceparent: undefined,
    recordedAt: new Date(0),
  }
}

const fed = (position: number, previous: number | undefined): FedEvent => ({
  event: eventAt(position),
  previous: previous === undefined ? undefined : previous === 0 ? start : at(previous),
})

function positionsOf(next: JournalEvent[] | 'gap'): string[] | 'gap' {
  return next === 'gap' ? next : next.map((event) => event.position)
}

describe('the buffer of a shard', () => {
  it('acknowledges a batch when the cursor has passed its last event, and not before', async () => {
    const buffer = new ShardBuffer()
    let acknowledged = false
    const batch = buffer.add([fed(9, 0), fed(10, 9)]).then(() => {
      acknowledged = true
    })
    expect(positionsOf(buffer.next(start, 10))).toEqual(['9', '10'])
    buffer.advance(at(9))
    await Promise.resolve()
    expect(acknowledged).toBe(false)
    buffer.advance(at(10))
    await batch
    expect(buffer.size).toBe(0)
  })

  it('hands out again what was taken and not settled', () => {
    const buffer = new ShardBuffer()
    void buffer.add([fed(1, 0), fed(2, 1)])
    expect(positionsOf(buffer.next(start, 10))).toEqual(['1', '2'])
    expect(positionsOf(buffer.next(start, 1))).toEqual(['1'])
  })

  it('drops what the relay repeats, and acknowledges it when it was settled before', async () => {
    const buffer = new ShardBuffer()
    void buffer.add([fed(1, 0), fed(2, 1), fed(1, 0), fed(2, 1), fed(3, 2)])
    expect(positionsOf(buffer.next(start, 10))).toEqual(['1', '2', '3'])
    buffer.advance(at(3))
    const repeated = buffer.add([fed(2, 1), fed(3, 2)])
    expect(positionsOf(buffer.next(at(3), 10))).toEqual([])
    await repeated
  })

  it('stops before an event whose predecessor it has not seen', () => {
    const buffer = new ShardBuffer()
    void buffer.add([fed(1, 0), fed(3, 2)])
    expect(positionsOf(buffer.next(start, 10))).toEqual(['1'])
    expect(buffer.next(at(1), 10)).toBe('gap')
    expect(positionsOf(buffer.next(at(2), 10))).toEqual(['3'])
  })

  it('believes nobody who does not know what came before', () => {
    const buffer = new ShardBuffer()
    void buffer.add([fed(5, undefined)])
    expect(buffer.next(start, 10)).toBe('gap')
  })

  it('compares positions as numbers, the transaction first', () => {
    const buffer = new ShardBuffer()
    const late = { event: { ...eventAt(4), xid: '10' }, previous: at(99) }
    void buffer.add([fed(99, 0), late])
    expect(positionsOf(buffer.next(start, 10))).toEqual(['99', '4'])
  })

  it('hands out nothing from the mark of a drain on, and keeps it for later', () => {
    const buffer = new ShardBuffer()
    const late = (position: number, previous: JournalPosition): FedEvent => ({
      event: { ...eventAt(position), xid: '10' },
      previous,
    })
    void buffer.add([fed(1, 0), fed(2, 1), late(3, at(2)), late(4, { xid: '10', position: '3' })])
    expect(positionsOf(buffer.next(start, 10, '10'))).toEqual(['1', '2'])
    // Nothing to do is no gap: nobody needs to look into the journal for it.
    expect(buffer.next(at(2), 10, '10')).toEqual([])
    expect(positionsOf(buffer.next(at(2), 10, '11'))).toEqual(['3', '4'])
    expect(positionsOf(buffer.next(at(2), 10))).toEqual(['3', '4'])
  })

  it('lets go of what it still has when the shard is taken away', async () => {
    const buffer = new ShardBuffer()
    const batch = buffer.add([fed(1, 0)])
    buffer.drop()
    await batch
    expect(buffer.size).toBe(0)
  })
})
