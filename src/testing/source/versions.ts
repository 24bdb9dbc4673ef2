import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { ReadContext, Source } from '../../contract/source.ts'
import { canonicalContent } from '../../domain/canonical-content.ts'
import { transactionKey } from '../../domain/identity.ts'
import { readAll, transactionsIn } from './read-all.ts'

/** What a vendor sends of one thing as it goes on: the earliest version first. */
export interface VersionHistory {
  name: string
  versions: readonly Uint8Array[]
}

/** Sources of vendor facts: whatever versions come, how often and in which order, they state the same facts. */
export function describeVersions(source: Source, histories: readonly VersionHistory[], context: ReadContext): void {
  const factsOf = async (version: Uint8Array): Promise<[key: string, content: string][]> =>
    transactionsIn(await readAll(source, [version], context)).map(({ transaction }) => {
      const key = transactionKey(transaction, context.store(transaction.businessUnitId))
      if (key === undefined) throw new Error('a fact has no identity')
      return [key, JSON.stringify(canonicalContent(transaction))]
    })

  describe.each(histories)('versions: $name', ({ versions }) => {
    it('adds facts with every version and changes none', async () => {
      const read = await Promise.all(versions.map(factsOf))
      for (const [index, facts] of read.slice(1).entries()) {
        expect(Object.fromEntries(facts)).toMatchObject(Object.fromEntries(read[index] ?? []))
      }
    })

    it('states each fact once in a version', async () => {
      for (const version of versions) {
        const keys = (await factsOf(version)).map(([key]) => key)
        expect(new Set(keys).size).toBe(keys.length)
      }
    })

    it('comes to the same facts in any order and with any repetition', async () => {
      const read = await Promise.all(versions.map(factsOf))
      const all = Object.fromEntries(read.flat())
      const arrival = fc
        .array(fc.nat({ max: versions.length - 1 }), { maxLength: 12 })
        .chain((some) => fc.shuffledSubarray([...some, versions.length - 1], { minLength: some.length + 1 }))
      fc.assert(
        fc.property(arrival, (order) => {
          const recorded = new Map<string, string>()
          for (const [key, content] of order.flatMap((index) => read[index] ?? [])) {
            // A second content under one key is what the hub calls a conflict.
            expect(recorded.get(key) ?? content).toBe(content)
            recorded.set(key, content)
          }
          expect(Object.fromEntries(recorded)).toEqual(all)
        }),
      )
    })
  })
}
