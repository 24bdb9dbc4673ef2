import { hash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { EventToSeal } from '../../journal/read-to-seal.ts'
import { referPersonalText } from '../../privacy/refer-personal-data.ts'
import { makeSale } from '../../testing/receipts.ts'
import { makeKeys } from '../simulation/sealed-books.ts'
import { type Entry, encodeEntry, encodeName, entryAt, rootOfEntries } from './entry.ts'
import { entryOfAct, entryOfEvent, entryOfRawRecord } from './leaf.ts'

const { refer } = makeKeys()
const id = '0195462a-0000-8000-8000-000000000001'

const sale = makeSale(1, {
  customerId: 'C-100-2000',
  extensions: { 'acme:email': 'mo@example.org', 'acme:firstName': 'Moritz', 'acme:zip': 12345 },
})
const event: EventToSeal = {
  eventId: id,
  xid: '731',
  position: '1',
  shard: 3,
  eventType: 'pos.transaction.recorded.v1',
  subject: 'till:9/3/-/1',
  orderingKey: '9/3',
  dependsOn: null,
  dataText: JSON.stringify({ transaction: sale, findings: [] }),
  traceparent: null,
  recordedAtUs: '1772445845123456',
  emptiedBefore: null,
  emptiedAfter: null,
  emptiedWith: null,
}
const raw = {
  recordId: id,
  keyId: '1',
  fidelity: 'verbatim',
  sealedSha256: Buffer.alloc(32, 9),
  isEmptied: false,
  emptiedWith: null,
}
const oneAct = {
  ...{ actId: '7', xid: '732', atUs: '1772445845123457', actor: 'cli:ada', act: 'target.pause', object: 'target:erp' },
  ...{ reason: null, before: '{"state":"active"}', after: '{"state":"paused"}', details: '{}' },
}
const hex = ({ digest }: Entry) => digest.toString('hex')

describe('a leaf', () => {
  // Checkpoints of version 1 are out there. Who makes these differ makes every one of them a false alarm: keep the old rules for
  // them, and give the new ones a new leafVersion.
  it('is for ever what it was when it was sealed', () => {
    expect([hex(entryOfEvent(event, refer)), hex(entryOfRawRecord(raw)), hex(entryOfAct(oneAct))]).toEqual([
      'd790bcbc09d5cb841abe5f4a5e315cebd4185ac54fa6f57cce208e4444185b14',
      '819b7e4096a5ea744e653ba69ec0e2981db31a56dbc983f9ceee99defaaab7d4',
      '56b23dc43755869cc32a77f7ec92c6c3f64d665e15d8c27333313cb58dee4b5d',
    ])
  })

  it('stays where an erasure took free text away, and only while the rest is what was noted then', () => {
    const emptiedText = event.dataText.replace('Moritz', 'M.')
    const dataHash = (text: string) => hash('sha256', referPersonalText(text, refer), 'hex')
    const noted = {
      emptiedBefore: dataHash(event.dataText),
      emptiedAfter: dataHash(emptiedText),
      emptiedWith: id,
    }
    const { digest, emptied } = entryOfEvent({ ...event, ...noted, dataText: emptiedText }, refer)
    expect([digest, emptied]).toEqual([entryOfEvent(event, refer).digest, { portion: id }])
    const altered = entryOfEvent({ ...event, ...noted, dataText: emptiedText.replace('2.50', '2.51') }, refer)
    expect(altered.digest).not.toEqual(digest)
  })

  it('is another one for every other row', () => {
    const rows: Entry[] = [
      entryOfEvent(event, refer),
      ...(Object.keys(event) as (keyof EventToSeal)[])
        .filter((name) => name !== 'dataText' && name !== 'shard' && !name.startsWith('emptied'))
        .map((name) => entryOfEvent({ ...event, [name]: name === 'dependsOn' ? [] : '0' }, refer)),
      entryOfEvent({ ...event, shard: 4 }, refer),
      entryOfEvent({ ...event, traceparent: '' }, refer),
      entryOfEvent({ ...event, dependsOn: [id] }, refer),
      entryOfEvent({ ...event, dependsOn: [id, id] }, refer),
      entryOfEvent({ ...event, subject: '', orderingKey: 'till:9/3/-/19/3' }, refer),
      entryOfEvent({ ...event, dataText: event.dataText.replace('2.50', '2.51') }, refer),
      entryOfEvent({ ...event, dataText: event.dataText.replace('Moritz', 'Max') }, refer),
      entryOfAct(oneAct),
      ...Object.keys(oneAct).map((name) => entryOfAct({ ...oneAct, [name]: '5' })),
      entryOfAct({ ...oneAct, before: null }),
      entryOfRawRecord(raw),
      entryOfRawRecord({ ...raw, keyId: '2' }),
      entryOfRawRecord({ ...raw, fidelity: 'masked' }),
      entryOfRawRecord({ ...raw, sealedSha256: Buffer.alloc(32, 8) }),
    ]
    expect(new Set(rows.map(hex)).size).toBe(rows.length)
  })

  it('is the same after an erasure', () => {
    const erased = { ...event, dataText: referPersonalText(event.dataText, refer) }
    for (const secret of ['C-100-2000', 'mo@example.org', 'Moritz']) expect(erased.dataText).not.toContain(secret)
    expect(entryOfEvent(erased, refer)).toEqual(entryOfEvent(event, refer))
  })
})

describe('a list of entries', () => {
  const entry = fc.oneof(
    fc.record({ kind: fc.constantFrom<'event' | 'raw'>('event', 'raw'), id: fc.uuid(), digest: bytes32() }),
    fc.record({ kind: fc.constant<'act'>('act'), id: fc.bigInt(0n, 2n ** 63n - 1n).map(String), digest: bytes32() }),
  )

  function bytes32() {
    return fc.uint8Array({ minLength: 32, maxLength: 32 }).map((bytes) => Buffer.from(bytes))
  }

  it('is read as it was written', () => {
    fc.assert(
      fc.property(fc.array(entry, { maxLength: 5 }), (entries) => {
        const list = Buffer.concat(entries.map(encodeEntry))
        expect(entries.map((_, index) => entryAt(list, index))).toEqual(entries)
        expect(entryAt(list, entries.length)).toBeUndefined()
        expect(rootOfEntries(list)).toMatch(/^[0-9a-f]{64}$/)
        for (const one of entries) expect(encodeEntry(one).indexOf(encodeName(one))).toBe(0)
      }),
    )
  })

  it('has no entry of an unknown kind, nor half of one', () => {
    expect(entryAt(Buffer.alloc(49, 7), 0)).toBeUndefined()
    expect(entryAt(Buffer.alloc(48), 0)).toBeUndefined()
  })
})
