import type { Direction, Fault } from '../fault.ts'

/** Exactly so many bytes pass in one direction, then the line ends. */
export function truncate({ direction, afterBytes }: { direction: Direction; afterBytes: number }): Fault {
  return (line) => {
    let left = afterBytes
    return async (way, bytes) => {
      if (way !== direction) return line.pass(way, bytes)
      await line.pass(way, bytes.subarray(0, left))
      left -= Math.min(left, bytes.length)
      if (left === 0) line.cut()
    }
  }
}
