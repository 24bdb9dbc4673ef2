import { describe, expect, it } from 'vitest'
import type { ProblemCode } from '../../contract/problem.ts'
import type { ReadContext, Source } from '../../contract/source.ts'
import { messagesOf, readAll } from './read-all.ts'

export interface HostileInput {
  /** What it is, as a test name. */
  name: string
  bytes: Uint8Array
  code: ProblemCode
}

/** Text that hostile inputs may carry to prove that it is never repeated. */
export const hostileMarker = 'zq7Hostile7'

export function describeHostileInput(source: Source, inputs: readonly HostileInput[], context: ReadContext): void {
  describe('hostile input', () => {
    it.each(inputs)('$name is refused with $code', async ({ bytes, code }) => {
      const reading = await readAll(source, [bytes], context)
      const codes = reading.results.flatMap((one) => (one.kind === 'refused' ? [one.problem.code] : []))
      expect(reading.problem?.code ?? codes[0]).toBe(code)
      expect(messagesOf(reading)).not.toContain(hostileMarker)
    })
  })
}
