import { type Fault, noFault } from '../fault.ts'

/** A fault that only some lines have; which ones, the seed decides. */
export function sometimes(share: number, fault: Fault): Fault {
  return (line) => (line.random.next() < share ? fault(line) : noFault(line))
}
