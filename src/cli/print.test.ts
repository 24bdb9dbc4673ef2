import { describe, expect, it } from 'vitest'
import { formatTable } from './print.ts'

describe('a table', () => {
  it('has columns as wide as their widest cell, numbers to the right', () => {
    const rows = [
      ['erp', 10_000, '9.50'],
      ['warehouse', 7, '-120.00'],
    ]
    expect(formatTable(['TARGET', 'N', 'TOTAL'], rows, ['TOTAL'])).toEqual([
      'TARGET         N    TOTAL',
      'erp        10000     9.50',
      'warehouse      7  -120.00',
    ])
  })

  it('takes identifiers of digits for text', () => {
    expect(formatTable(['ID'], [['007'], ['4711']])).toEqual(['ID', '007', '4711'])
  })
})
