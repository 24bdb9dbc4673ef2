/** A message that the consumer can be given: what it needs of it, in Pact's matchers. */
export interface Need {
  description: string
  /** What must have happened at the provider. */
  state: string
  metadata: Record<string, string>
  contents: Record<string, unknown>
}

const like = (value: string) => ({ 'pact:matcher:type': 'type', value })
const shaped = (regex: string, value: string) => ({ 'pact:matcher:type': 'regex', regex, value })

const recorded = {
  type: 'pos.transaction.recorded.v1',
  dataschema: 'urn:tillflow:schema:pos.transaction.recorded:v1',
  contentType: 'application/json',
}

export const needs: readonly Need[] = [
  {
    description: 'a sale with a loyalty account',
    state: 'a till has sold something to a member',
    metadata: recorded,
    contents: {
      transaction: {
        transactionType: 'SALE',
        businessUnitId: like('9'),
        currency: shaped('^[A-Z]{3}$', 'EUR'),
        // A reference: who it is, is for whoever owns the accounts.
        loyaltyAccountId: like('ref_4yCWQkTBLLDO3fpxGkGqtA'),
        totals: { grandTotal: shaped('^[0-9]+\\.[0-9]{2}$', '5.00') },
      },
    },
  },
  {
    description: 'a return with a loyalty account',
    state: 'a till has taken something back from a member',
    metadata: recorded,
    contents: {
      transaction: {
        transactionType: 'RETURN',
        businessUnitId: like('9'),
        currency: shaped('^[A-Z]{3}$', 'EUR'),
        // A reference: who it is, is for whoever owns the accounts.
        loyaltyAccountId: like('ref_4yCWQkTBLLDO3fpxGkGqtA'),
        totals: { grandTotal: shaped('^-[0-9]+\\.[0-9]{2}$', '-5.00') },
      },
    },
  },
]
