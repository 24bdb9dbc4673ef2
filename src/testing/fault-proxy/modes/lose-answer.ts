import type { Fault } from '../fault.ts'

/**
 * The server has done what it was asked, and its answer never arrives: the line is reset at the answer's first byte. For
 * protocols in which questions and answers take turns. `onLost` hears of each.
 */
export function loseAnswer({ share, onLost }: { share: number; onLost?(): void }): Fault {
  return (line) => {
    let asked = false
    return (direction, bytes) => {
      if (direction === 'to-server') {
        asked = true
        return line.pass(direction, bytes)
      }
      const isFirst = asked
      asked = false
      if (!isFirst || line.random.next() >= share) return line.pass(direction, bytes)
      onLost?.()
      return line.reset()
    }
  }
}
