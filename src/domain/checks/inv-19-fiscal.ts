import type { Check } from './check.ts'

export const fiscalSignature: Check = {
  id: 'INV-19',
  title: 'A signed receipt carries its signature',
  severity: 'error',
  tolerance: 'none',
  explanation:
    'An auditor asks for the signature and counter of every fiscal receipt; an outage is legal but must be named.',
  advice: 'Check the fiscal device of the till. During an outage the status must say DEVICE_OUTAGE.',
  run: ({ fiscal }) => {
    if (!fiscal) return []
    if (fiscal.status === 'SIGNED') {
      const missing = [
        fiscal.signature === undefined ? 'signature' : undefined,
        fiscal.signatureCounter === undefined ? 'signature counter' : undefined,
      ].filter((name) => name !== undefined)
      return missing.length > 0
        ? [{ message: `The receipt is called signed and has no ${missing.join(' and no ')}.` }]
        : []
    }
    if (fiscal.status === 'DEVICE_OUTAGE') return [{ message: 'The fiscal device was out of order.', severity: 'warn' }]
    return []
  },
}
