import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadContext } from '../../contract/source.ts'
import { testStore } from '../../testing/receipts.ts'
import { cutAt } from '../../testing/source/cuts.ts'
import { readAll } from '../../testing/source/read-all.ts'
import { ListCutter } from './cut-list.ts'
import { shopify } from './source.ts'

const context: ReadContext = {
  store: () => testStore,
  account: { account: 'example.myshopify.com', storeOf: () => '9' },
}

function cut(chunks: readonly Buffer[]): string[] {
  const cutter = new ListCutter()
  const pieces = chunks.flatMap((chunk) => cutter.write(chunk))
  cutter.end()
  return pieces.map((piece) => Buffer.from(piece).toString())
}

describe('a list', () => {
  it('is cut into its objects, byte for byte, however it arrives and whatever is in them', () => {
    const object = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 3 })).map((one) => JSON.stringify(one, null, 1))
    const gap = fc.constantFrom('', ' ', '\n  ')
    const list = fc.record({ objects: fc.array(object, { maxLength: 6 }), gap, cuts: fc.uniqueArray(fc.nat(400)) })
    fc.assert(
      fc.property(list, ({ objects, gap: space, cuts }) => {
        const text = `{"orders":[${space}${objects.join(`${space},${space}`)}${space}],"next":{"a":[{"b":"}]"}]}}`
        const bytes = Buffer.from(text)
        expect(
          cut(
            cutAt(
              bytes,
              cuts.filter((at) => at <= bytes.length),
            ),
          ),
        ).toEqual(objects)
      }),
    )
  })

  it.each([
    ['that ends within an object', '{"orders":[{"id":1}, {"id":2'],
    ['that does not end', '{"orders":[{"id":1}'],
    ['without a comma', '{"orders":[{"id":1}{"id":2}]}'],
    ['with something behind it', '{"orders":[{"id":1}]} x'],
    ['with too many ends', '{"orders":[{"id":1}]}]}'],
  ])('%s is refused after what came whole', async (_name, text) => {
    const reading = await readAll(shopify, [Buffer.from(text)], context)
    expect(reading.problem?.code).toBe('json-malformed')
    expect(reading.results.length).toBeGreaterThan(0)
  })

  it('refuses a broken object by itself, as a line of NDJSON does', async () => {
    const good =
      '{"id":1,"kind":"sale","gateway":"cash","status":"success","amount":"1.00","created_at":"2026-03-02T11:00:00Z"}'
    const other = good.replace('"id":1', '"id":2')
    const broken = good.replace('"id":1', '"id":3,"id":4')
    for (const text of [`{"transactions":[${good},${broken},${other}]}`, `${good}\n${broken}\n${other}\n`]) {
      const { results, problem } = await readAll(shopify, [Buffer.from(text)], context)
      expect(problem).toBeUndefined()
      expect(results.map(({ kind }) => kind)).toEqual(['transaction', 'refused', 'transaction'])
      expect(results.map(({ bytes }) => Buffer.from(bytes).toString())).toEqual([good, broken, other])
    }
  })
})
