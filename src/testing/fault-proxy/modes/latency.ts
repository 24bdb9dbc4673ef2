import type { Fault, Span } from '../fault.ts'

/** Every piece comes late, and in its order. */
export function latency(span: Span): Fault {
  return (line) => async (direction, bytes) => {
    await line.rest(span)
    await line.pass(direction, bytes)
  }
}
