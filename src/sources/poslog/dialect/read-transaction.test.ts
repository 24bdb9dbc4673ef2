import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../../contract/source.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { makeSale, testStore } from '../../../testing/receipts.ts'
import { readAll } from '../../../testing/source/read-all.ts'
import { poslog } from '../source.ts'
import { writer } from './write.ts'

const context: ReadContext = { store: (businessUnitId) => ({ ...testStore, businessUnitId }) }

async function read(document: string) {
  const { results, problem } = await readAll(poslog, [Buffer.from(document)], context)
  if (problem) throw problem
  return results
}

const write = (changes: Partial<Transaction> = {}) => writer.writeDocument([makeSale(7, changes)], context)

describe('a document in our dialect that someone else touched', () => {
  it('is read the same when it was indented', async () => {
    const indented = write({ extensions: { a: ['b'] }, links: [{ linkType: 'RETURN_OF' }] }).replace(
      />(?=<[^/])/g,
      '>\n  ',
    )
    expect(await read(indented)).toMatchObject([
      {
        kind: 'transaction',
        transaction: makeSale(7, { extensions: { a: ['b'] }, links: [{ linkType: 'RETURN_OF' }] }),
      },
    ])
  })

  it('is read the same under another prefix', async () => {
    const renamed = write({ series: 'A' })
      .replaceAll(/(?<!urn:)tillflow:/g, 't:')
      .replace('xmlns:tillflow', 'xmlns:t')
    expect(renamed).toContain('<t:Series>')
    expect(await read(renamed)).toMatchObject([{ transaction: makeSale(7, { series: 'A' }) }])
  })

  it('is not ours where the prefix means something else', async () => {
    const foreign = write().replace('urn:tillflow:poslog:1', 'http://example.com/other')
    const [result] = await read(foreign)
    // Our rules would leave open where the offset comes from, as the receipt does; those for everybody conclude it.
    expect(result).toMatchObject({
      kind: 'transaction',
      transaction: { sequenceNumber: 7, utcOffsetSource: 'PRESENT' },
    })
  })

  it('gets the offset of the store where a time lost its own', async () => {
    const [result] = await read(write().replace('11:04:05+01:00', '11:04:05'))
    expect(result).toMatchObject({ transaction: { endDateTime: '2026-03-02T11:04:05+01:00' } })
  })

  it.each([
    ['a later version', 'tillflow:Dialect="1"', 'tillflow:Dialect="2"', 'schema-violation'],
    ['a word that is not written', 'TenderType="Cash"', 'TenderType="Shells"', 'schema-violation'],
    ['a type that does not exist', 'tillflow:Dialect="1"', 'tillflow:Dialect="1" tillflow:TransactionType="GIFT"', 'schema-violation'],
    ['a state that does not exist', 'TransactionStatus="Finished"', 'TransactionStatus="Sleeping"', 'schema-violation'],
    ['a line of no kind', '<Sale ItemType="Stock">', '<Sell ItemType="Stock">', 'schema-violation'],
    ['a total of no kind', 'TransactionGrandAmount', 'TransactionGreatAmount', 'schema-violation'],
    ['an amount that is none', '<ExtendedAmount>5.00<', '<ExtendedAmount>5,00<', 'money-not-decimal-string'],
    ['half a cent', '<AmountAppliedToBill>5.00<', '<AmountAppliedToBill>5.001<', 'currency-scale'],
    ['a flag that is none', 'tillflow:IncludedInPrice="true"', 'tillflow:IncludedInPrice="1"', 'schema-violation'],
    ['a line number that is none', '<SequenceNumber>2<', '<SequenceNumber>two<', 'schema-violation'],
    ['a time of no calendar', '2026-03-02T11:04:05', '2026-03-02T25:04:05', 'invalid-timestamp'],
    ['a day of no calendar', '<BusinessDayDate>2026-03-02', '<BusinessDayDate>2026-02-30', 'invalid-timestamp'],
    ['U+0000 by our escape', '<ItemID>4711', '<ItemID>␛{0}', 'invalid-character'],
    ['half a surrogate pair by our escape', '<ItemID>4711', '<ItemID>␛{d800}', 'invalid-character'],
    ['an extension that is no JSON', '</Transaction>', '<tillflow:Extensions>{</tillflow:Extensions></Transaction>', 'schema-violation'],
    ['an extension with U+0000', '</Transaction>', '<tillflow:Extensions>{"a":"\\u0000"}</tillflow:Extensions></Transaction>', 'schema-violation'],
    ['an extension with a key twice', '</Transaction>', '<tillflow:Extensions>{"a":1,"a":2}</tillflow:Extensions></Transaction>', 'schema-violation'],
    ['no store', '<UnitID>9</UnitID>', '', 'invalid-identifier'],
  ])('with %s is kept as unreadable, and occupies its number', async (_, from, to, problem) => {
    const broken = to === '<Sell ItemType="Stock">' ? write().replaceAll('</Sale>', '</Sell>') : write()
    const document = broken.replaceAll(from, to)
    expect(document).not.toBe(write())
    const [result] = await read(document)
    expect(result).toMatchObject({ kind: 'unreadable', problem, partial: { sequenceNumber: 7 } })
    expect(JSON.stringify(result?.kind === 'unreadable' && result.detail)).not.toMatch(/Shells|Sleeping|GIFT|25:04/)
  }) // biome-ignore format: a list reads better as a block
})
