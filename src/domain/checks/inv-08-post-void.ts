import type { Check } from './check.ts'

export const postVoid: Check = {
  id: 'INV-08',
  title: 'A post-void names its original',
  severity: 'error',
  tolerance: 'none',
  explanation: 'A void takes back a whole receipt. Without the original nobody knows which amounts to take back.',
  advice: 'Ask the store for the voided receipt and link it, or have the till send the original number.',
  run: (transaction) => {
    if (transaction.transactionType !== 'POST_VOID') return []
    const originals = (transaction.links ?? []).filter((link) => link.linkType === 'POST_VOID_OF')
    if (originals.length === 1) return []
    return [
      {
        message:
          originals.length === 0 ? 'The void names no original.' : `The void names ${originals.length} originals.`,
      },
    ]
  },
}
