import { hasValidCheckDigit } from '../identifiers.ts'
import type { Check, Observation } from './check.ts'

export const checkDigits: Check = {
  id: 'INV-18',
  title: 'GTIN and GLN check digits are right',
  severity: 'warn',
  tolerance: 'none',
  explanation: 'An item number with a wrong check digit will not be found by the systems that share it with suppliers.',
  advice: 'Correct the number in the item file; the till took it as it stands there.',
  run: (transaction) => {
    const found: Observation[] = transaction.lines.flatMap((line) => {
      const gtin = line.lineType === 'SALE' || line.lineType === 'RETURN' ? line.gtin : undefined
      if (gtin === undefined || hasValidCheckDigit(gtin)) return []
      return [
        {
          message: 'The GTIN of the line has a wrong check digit or length.',
          given: gtin,
          lineNumber: line.lineNumber,
        },
      ]
    })
    if (transaction.gln !== undefined && !hasValidCheckDigit(transaction.gln)) {
      found.push({ message: 'The GLN of the store has a wrong check digit.', given: transaction.gln })
    }
    return found
  },
}
