import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { detectSource } from './index.ts'

/** A new source that began as a copy of another recognises what that one does, until it knows better. */
const names = ['poslog', 'shopify', 'square', 'tillflow']

const samples = names.flatMap((name) => {
  const directory = new URL(`${name}/samples/`, import.meta.url)
  return readdirSync(directory)
    .filter((file) => file.includes('.theirs.'))
    .map((file) => ({ name, file, head: readFileSync(new URL(file, directory)).subarray(0, 4_096) }))
})

describe('an unknown file', () => {
  it.each(samples)('$file of $name is taken by its own source, whatever it is called', ({ name, file, head }) => {
    for (const fileName of [file, 'export.json', 'feed.ndjson', 'upload']) {
      expect(detectSource(head, fileName)?.name).toBe(name)
    }
  })

  it('that is JSON of nobody else is tried as our own', () => {
    expect(detectSource(Buffer.from('{"id": 17, "order_id": 4}'), 'x.json')?.name).toBe('tillflow')
  })

  it('with ids that are no numbers is not taken for Shopify, nor is ours that quotes Shopify', () => {
    const others = [
      '{"order":{"id":"CAISENgvlJ6jLWAzERDzjyHVybY","location_id":"L1","line_items":[{"uid":"1"}]}}',
      '{"transactionType":"SALE","businessUnitId":"9","extensions":{"financial_status":"paid","id":7}}',
    ]
    for (const text of others) expect(detectSource(Buffer.from(text), 'x.json')?.name).not.toBe('shopify')
  })
})
