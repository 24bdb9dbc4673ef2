import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ReadContext, Source } from '../../contract/source.ts'
import { messagesOf, readAll } from './read-all.ts'

const marker = 'zq7Secret7'

/** Damaged input ends in results or a Problem, never in another error, and no message repeats what was sent. */
export function describeDamage(source: Source, bytes: Buffer, context: ReadContext): void {
  it('survives damage, and repeats nothing of it in a message', async () => {
    const span = fc.record({ from: fc.nat({ max: bytes.length }), length: fc.integer({ min: 0, max: 40 }) })
    await fc.assert(
      fc.asyncProperty(span, async ({ from, length }) => {
        const damaged = Buffer.concat([bytes.subarray(0, from), Buffer.from(marker), bytes.subarray(from + length)])
        expect(messagesOf(await readAll(source, [damaged], context))).not.toContain(marker)
      }),
      { numRuns: 60 },
    )
  })
}
