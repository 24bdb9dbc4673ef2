import type { TenderType } from '../../domain/transaction/codes.ts'

/** Gateways by what they take. Shopify's own names and those of its larger partners; an app may have any name. */
const gateways: readonly [TenderType, string][] = [
  ['CASH', 'cash'],
  ['GIFT_CARD', 'gift_card'],
  ['STORE_ACCOUNT', 'shopify_store_credit store_credit store-credit'],
  ['VOUCHER', 'exchange-credit exchange_credit'],
  [
    'CREDIT_DEBIT',
    `shopify_payments bogus authorize_net stripe braintree adyen worldpay cybersource checkout_com moneris elavon eway nmi payflow
    external-credit external-debit credit_card card visa mastercard master american_express amex discover diners_club jcb maestro`,
  ],
  [
    'ONLINE_PAYMENT',
    'paypal amazon_payments shop_pay shopify_installments klarna afterpay affirm mollie apple_pay google_pay samsung_pay ideal',
  ],
  ['CHECK', 'check cheque money_order'],
]

const byName = new Map(gateways.flatMap(([type, names]) => names.split(/\s+/).map((name) => [name, type] as const)))

/** What a gateway (or, in tender transactions, a payment method) takes; undefined where nobody knows. */
export function tenderTypeOf(gateway: string): TenderType | undefined {
  return byName.get(gateway.trim().toLowerCase().replaceAll(' ', '_'))
}
