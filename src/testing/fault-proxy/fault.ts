import type { Line } from './line.ts'

/** Where bytes are going. The client is who connected: a hub to its database, a hub to a target. */
export type Direction = 'to-server' | 'to-client'

/** Takes each piece of bytes of one line, in order; the next piece of a direction waits until this one is done with. */
export type Passage = (direction: Direction, bytes: Buffer) => Promise<void> | void

/** Something that goes wrong between two programs. It begins anew on every line, with the line's own dice. */
export type Fault = (line: Line) => Passage

/** A time span in milliseconds, from which a line's dice choose. */
export interface Span {
  fromMs: number
  toMs: number
}

/** Nothing goes wrong. */
export const noFault: Fault = (line) => (direction, bytes) => line.pass(direction, bytes)
