import type { Check } from './check.ts'

export const oneCurrency: Check = {
  id: 'INV-17',
  title: 'All amounts are in the currency of the receipt',
  severity: 'error',
  tolerance: 'none',
  explanation: 'Amounts of two currencies cannot be added. Foreign money has its own field with its rate.',
  advice: 'Have the till send foreign tenders with their own amount and rate.',
  run: (transaction) =>
    transaction.lines
      .filter((line) => line.currency !== undefined && line.currency !== transaction.currency)
      .map((line) => ({
        message: `The line is in ${line.currency}, the receipt in ${transaction.currency}.`,
        expected: transaction.currency,
        given: line.currency ?? '',
        lineNumber: line.lineNumber,
      })),
}
