import { type Fault, noFault, type Span } from '../fault.ts'

/** The line is reset (RST) some time after it was opened, or after the fault began. */
export function reset(span: Span): Fault {
  return (line) => {
    line.after(span, () => line.reset())
    return noFault(line)
  }
}

/** Nobody is there: the line is reset before a byte has passed. */
export const refuse: Fault = (line) => {
  line.reset()
  return () => {}
}
