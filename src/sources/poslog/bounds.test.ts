import { describe, expect, it } from 'vitest'
import type { ReadResult } from '../../contract/source.ts'
import type { SaleLine } from '../../domain/transaction/line.ts'
import { testStore } from '../../testing/receipts.ts'
import { readAll } from '../../testing/source/read-all.ts'
import { poslog } from './source.ts'

const number = '<SequenceNumber>7</SequenceNumber>'
const line = (content: string) => `<LineItem><Sale><ItemID>1</ItemID>${content}</Sale></LineItem>`

async function readOne(content: string, identity = number): Promise<ReadResult> {
  const header = `<RetailStoreID>9</RetailStoreID><WorkstationID>3</WorkstationID>${identity}<BusinessDayDate>2026-03-02</BusinessDayDate>`
  const transaction = `<Transaction>${header}<RetailTransaction>${content}</RetailTransaction></Transaction>`
  const document = `<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">${transaction}</POSLog>`
  const { results } = await readAll(poslog, [Buffer.from(document)], { store: () => testStore })
  const [result] = results
  if (!result) throw new Error('nothing was read')
  return result
}

async function readFirstLine(content: string): Promise<SaleLine> {
  const result = await readOne(line(content))
  if (result.kind !== 'transaction') throw new Error('no transaction was read')
  return result.transaction.lines[0] as SaleLine
}

describe('a receipt with more than the model holds', () => {
  const modifier = '<RetailPriceModifier><Amount>0.01</Amount></RetailPriceModifier>'

  it.each([
    ['10,001 lines', line('<ExtendedAmount>1</ExtendedAmount>').repeat(10_001)],
    ['21 taxes on a line', line('<ExtendedAmount>1</ExtendedAmount><Tax><Amount>0</Amount></Tax>'.repeat(21))],
    ['101 modifiers on a line', line(`<ExtendedAmount>1</ExtendedAmount>${modifier.repeat(101)}`)],
  ])('is kept as unreadable, and occupies its number: %s', async (_, content) => {
    expect(await readOne(content)).toMatchObject({
      kind: 'unreadable',
      problem: 'unreadable-content',
      partial: { businessUnitId: '9', workstationId: '3', sequenceNumber: 7, businessDayDate: '2026-03-02' },
    })
  })

  it('is read where it holds just that much', async () => {
    const content = line('<ExtendedAmount>1</ExtendedAmount>').repeat(10_000)
    const result = await readOne(content)
    expect(result.kind === 'transaction' && result.transaction.lines.length).toBe(10_000)
  })

  it('says how many serial numbers it leaves out', async () => {
    const read = await readFirstLine(
      Array.from({ length: 1_003 }, (_, at) => `<SerialNumber>${at}</SerialNumber>`).join(''),
    )
    expect(read.serialNumbers).toHaveLength(1_000)
    expect(read.extensions).toEqual({ serialNumbersLeftOut: 3 })
  })
})

it('cuts a description before the character that does not fit as a whole', async () => {
  const { description } = await readFirstLine(`<Description>${'x'.repeat(1_023)}🥪</Description>`)
  expect(description).toBe('x'.repeat(1_023))
})

it('does not cut an identity: two that differ at their ends would become one', async () => {
  const identity = (length: number) => `<TransactionID>${'a'.repeat(length)}</TransactionID>`
  expect((await readOne('', identity(128))).kind).toBe('transaction')
  expect(await readOne('', identity(129))).toMatchObject({ kind: 'unreadable', problem: 'invalid-identifier' })
})
