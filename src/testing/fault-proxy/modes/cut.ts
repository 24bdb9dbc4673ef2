import { type Fault, noFault, type Span } from '../fault.ts'

/** The line ends in order (FIN) some time after it was opened, or after the fault began. */
export function cut(span: Span): Fault {
  return (line) => {
    line.after(span, () => line.cut())
    return noFault(line)
  }
}
