import type { Direction, Fault } from '../fault.ts'

/** Bytes of one direction come a few at a time, as over a line that is nearly dead. */
export function drip(options: { direction: Direction; bytesEach: number; everyMs: number }): Fault {
  const { direction, bytesEach, everyMs } = options
  return (line) => async (way, bytes) => {
    if (way !== direction) return line.pass(way, bytes)
    for (let at = 0; at < bytes.length && !line.over.aborted; at += bytesEach) {
      if (at > 0) await line.rest({ fromMs: everyMs, toMs: everyMs })
      await line.pass(way, bytes.subarray(at, at + bytesEach))
    }
  }
}
