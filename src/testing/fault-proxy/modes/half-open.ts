import { type Fault, noFault, type Span } from '../fault.ts'

/** Some time after it was opened, or after the fault began, nothing passes any more, and neither side is told. */
export function halfOpen(span: Span): Fault {
  return (line) => {
    line.after(span, () => line.silence())
    return noFault(line)
  }
}
