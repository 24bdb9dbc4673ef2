import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import type { ReadContext } from '../../contract/source.ts'
import { testStore } from '../../testing/receipts.ts'
import { readAll } from '../../testing/source/read-all.ts'
import { square } from './source.ts'

const context: ReadContext = {
  store: () => testStore,
  account: { account: 'MLEXAMPLE0001', storeOf: () => '9' },
}
const oneLine = (name: string) =>
  JSON.stringify(JSON.parse(readFileSync(new URL(`samples/${name}.theirs.json`, import.meta.url), 'utf8')))

it('reads answers that were gathered one on each line, and loses no more than a broken line', async () => {
  const [sale, payment] = [oneLine('order-sale'), oneLine('webhook-payment')]
  const input = Buffer.from(`${sale}\n{"order":\n\n${payment}\n`)
  const { results, problem } = await readAll(square, [input], context)
  expect(problem).toBeUndefined()
  expect(results.map(({ kind }) => kind)).toEqual(['transaction', 'refused', 'transaction'])
  expect(Buffer.from(results[0]?.bytes ?? '').toString()).toBe(sale)
})
