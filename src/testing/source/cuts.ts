import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { ReadContext, Source } from '../../contract/source.ts'
import { readAll } from './read-all.ts'

/** Results do not depend on where the network or the disk cut the bytes. */
export function describeCuts(source: Source, bytes: Buffer, context: ReadContext): void {
  it('is read the same however its bytes are cut', async () => {
    const whole = await readAll(source, [bytes], context)
    const positions = fc.uniqueArray(fc.nat({ max: bytes.length }), { maxLength: 40 })
    await fc.assert(
      fc.asyncProperty(positions, async (cuts) => {
        const read = await readAll(source, cutAt(bytes, cuts), context)
        // What Node.js calls equal is; it says so in a fraction of the time that a difference in words would take.
        if (!isDeepStrictEqual(read, whole)) expect(read).toEqual(whole)
      }),
      { numRuns: 20 },
    )
  })
}

/** The bytes in pieces, empty ones included. */
export function cutAt(bytes: Buffer, positions: readonly number[]): Buffer[] {
  const cuts = [0, ...positions.toSorted((a, b) => a - b), bytes.length]
  return cuts.slice(1).map((end, index) => bytes.subarray(cuts[index], end))
}
