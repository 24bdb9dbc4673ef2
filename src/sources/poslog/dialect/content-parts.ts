import { linkShape } from './link-shape.ts'
import { zReportShape } from './session-shape.ts'
import { group, leaf, object, objects, type Part } from './shape.ts'

/** What the content of every kind of transaction may have beside its lines or its event. */
export const contentParts: readonly Part[] = [
  objects('links', 'TransactionLink', linkShape),
  group('Customer', { children: [leaf('customerId', 'CustomerID')] }),
  group('LoyaltyAccount', {
    children: [group('LoyaltyProgram', { children: [leaf('loyaltyAccountId', 'LoyaltyAccountID')] })],
  }),
  object('zReport', 'tillflow:ZReportFigures', zReportShape),
]
