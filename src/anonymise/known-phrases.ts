/**
 * What senders write with spaces where a word of a list belongs, and readers understand: card schemes, ways to pay, reasons of
 * refunds that Shopify words itself, captions of fiscal devices. Nothing else that is kept as a code has a space.
 */
const phrases = new Set([
  'american express',
  'diners club',
  'union pay',
  'carte bancaire',
  'carte bleue',
  'credit card',
  'gift card',
  'store credit',
  'shopify store credit',
  'exchange credit',
  'external credit',
  'external debit',
  'money order',
  'shopify payments',
  'shop pay',
  'shopify installments',
  'apple pay',
  'google pay',
  'samsung pay',
  'amazon payments',
  'authorize net',
  'refund discrepancy',
  'pending refund discrepancy',
  'shipping refund',
  'kontrollenhetens tillverkningsnummer',
  'kontrollenhetens tillverkningsnummer:',
])

export function isKnownPhrase(value: string): boolean {
  return phrases.has(value.toLowerCase())
}
