import { describe, expect, it } from 'vitest'
import type { ReceivedMessage } from '../../contract/bus.ts'
import { eventTypes, type UnreadEvent } from '../event.ts'
import { shardOf } from '../shard.ts'
import { toBusMessage, toClaimCheck } from './message.ts'
import { isOfAnotherJournal, readRelayedMessage } from './read-message.ts'

const journalId = '7b0f7a3e-52d7-4c3a-9d0b-1f2e3d4c5b6a'
const options = { topicPrefix: 'tillflow', eventSource: '/tillflow', journalId, refer: () => 'ref_' }
const original = '0198a6c2-0000-7000-8000-000000000001'
const event: UnreadEvent = {
  eventId: '0198a6c2-0000-7000-8000-00000000000a',
  xid: '18446744073709551615',
  position: '14',
  shard: shardOf('9/3'),
  eventType: eventTypes.recorded,
  subject: 'till:9/3/-/1',
  orderingKey: '9/3',
  dependsOn: [original],
  dataText: '{"transaction":{},"findings":[]}',
  traceparent: undefined,
  recordedAt: new Date('2026-03-02T12:00:00Z'),
}
const previous = { xid: '7', position: '9' }
const received = (changes: Partial<ReceivedMessage> = {}): ReceivedMessage => ({
  ...toBusMessage(event, options, previous),
  partition: event.shard,
  offset: '0',
  redelivered: false,
  ...changes,
})
const withAttribute = (name: string, value: string) =>
  received({ cloudEvent: { ...toBusMessage(event, options, previous).cloudEvent, [name]: value } })

describe('a message of the relay', () => {
  it('is read back as the event that it was, with the one before it', () => {
    const { dataText, ...rest } = event
    expect(readRelayedMessage(received(), journalId)).toEqual({
      event: { ...rest, data: JSON.parse(dataText) },
      previous,
    })
  })

  it.each([
    ['its data was left out', { ...received(), ...toClaimCheck(received()) }],
    ['it refers to a person', withAttribute('references', 'true')],
    ['its data is no JSON', received({ body: Buffer.from('{"transaction":') })],
  ])('leaves the data to the journal, where %s', (_, message) => {
    expect(readRelayedMessage(message, journalId)?.event.data).toBeUndefined()
  })

  it.each([
    ['of another journal with the same source', withAttribute('journalid', '0198a6c2-0000-7000-8000-0000000000ff')],
    ['of nobody who says of which journal', withAttribute('journalid', '')],
    ['of a type that nobody knows', withAttribute('type', 'pos.transaction.recorded.v9')],
    ['without an id of an event', withAttribute('id', "1' or true")],
    ['with a place that is no number', withAttribute('journalposition', '-1')],
    ['in a partition that is not the shard of its key', received({ partition: (event.shard + 1) % 64 })],
  ])('is none, %s', (_, message) => {
    expect(readRelayedMessage(message, journalId)).toBeUndefined()
  })

  it('tells of another journal from what is no event at all', () => {
    expect(isOfAnotherJournal(received(), journalId)).toBe(false)
    expect(isOfAnotherJournal(withAttribute('journalid', 'another'), journalId)).toBe(true)
    const { cloudEvent: _, ...plain } = received()
    expect(isOfAnotherJournal(plain, journalId)).toBe(false)
  })
})
