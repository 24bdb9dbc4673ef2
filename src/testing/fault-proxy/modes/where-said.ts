import { type Fault, noFault, type Passage } from '../fault.ts'

/** A fault of those lines only whose first bytes contain a text: the name with which a program introduces itself. */
export function whereSaid(text: string, fault: Fault): Fault {
  return (line) => {
    let passage: Passage | undefined
    return (direction, bytes) => {
      passage ??= bytes.includes(text) ? fault(line) : noFault(line)
      return passage(direction, bytes)
    }
  }
}
