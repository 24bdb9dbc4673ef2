import { createSecretKey } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { referFreeText } from './refer-free-text.ts'
import { referPersonalText } from './refer-personal-data.ts'
import { createReferences } from './references.ts'

const refer = createReferences(createSecretKey(Buffer.alloc(32, 1)))
const receipt = {
  transaction: {
    customerId: 'C-1',
    lines: [
      {
        lineType: 'SALE',
        description: 'Mug with a name',
        quantity: '1',
        approval: { approverId: 'M7', reason: 'Mo asked' },
      },
      {
        lineType: 'TENDER',
        amount: '5.00',
        extensions: { 'x:guest': 'Müller', 'x:room': 'room 12, Mo', 'x:terminal': 'T-77' },
      },
    ],
    extensions: { 'x:list': ['for Mo', 'de', { deep: 'with love' }], 'x:count': 3, 'x:at': '2026-03-02T11:04:05Z' },
    totals: { grandTotal: '5.00' },
  },
  findings: [],
}

describe('free text of an erased person', () => {
  it('goes, and amounts, goods, codes and numbers stay', () => {
    const emptied = referFreeText(referPersonalText(JSON.stringify(receipt), refer), refer)
    expect(emptied).not.toMatch(/Müller|Mo\b|love/)
    const { lines, extensions, totals } = JSON.parse(emptied).transaction
    expect(lines[0]).toMatchObject({ description: 'Mug with a name', quantity: '1', approval: { approverId: 'M7' } })
    expect(lines[1].extensions['x:terminal']).toBe('T-77')
    expect(extensions).toMatchObject({ 'x:count': 3, 'x:at': '2026-03-02T11:04:05Z' })
    expect(extensions['x:list'][1]).toBe('de')
    expect(totals).toEqual({ grandTotal: '5.00' })
  })

  it('stays gone when it is done again, in whatever order', () => {
    const once = referFreeText(referPersonalText(JSON.stringify(receipt), refer), refer)
    expect(referFreeText(once, refer)).toBe(once)
    expect(referPersonalText(once, refer)).toBe(once)
  })

  it('leaves what has none as it is, to the byte', () => {
    const text = '{ "transaction": {"lines": [ ]} }'
    expect(referFreeText(text, refer)).toBe(text)
  })
})
