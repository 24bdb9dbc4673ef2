import { makeRules, type Rules } from '../rules.ts'

/** Shopify Admin REST and webhook objects: orders, refunds, transactions, draft orders, gift cards, locations, stock. */
const rules = makeRules(
  'shopify',
  'json',
  {
    figure: `
      price amount quantity current_quantity fulfillable_quantity rate tax grams total_weight weight orders_count
      total_spent balance initial_value available maximum_refundable subtotal position ordinal allocated_amount
      applied_discount.value discount_applications.value default_reward_value committed incoming on_hand
      _tillflow_quantity _tillflow_unit_price discount_application_index total_tip_received payments_count amount_in amount_out amount_rounding
      total_cash_rounding_payment_adjustment original_total_additional_fees`,
    code: `
      financial_status fulfillment_status currency presentment_currency currency_code gateway kind status
      source_name processing_method payment_method value_type target_type target_selection allocation_method type
      restock_type error_code payment_gateway_names credit_card_company credit_card_wallet cancel_reason
      fulfillment_service service inventory_management variant_inventory_management weight_unit country_code
      country province_code customer_locale locale accept_language state inventory_policy inventory_behaviour
      _tillflow_unit shipment_status tax_lines.channel_liable
      shipping_lines.code shipping_lines.source delivery_category taxable_type return_status order_adjustments.reason tip_payment_gateway`,
    goods: 'sku barcode product_id variant_id inventory_item_id',
    tax: 'tax_lines.title',
    phone: 'phone',
    card: `credit_card_number credit_card_bin credit_card_name credit_card_expiration_month credit_card_expiration_year
      authorization last_characters receipt.authorization payment_id`,
    pseudonym: 'birth_at born_on date_of_birth',
  },
  [
    [
      /^(total|subtotal|current|original|pre_tax|discounted|compare_at|unit)_(\w+_)?(price|tax|discounts?|amount|total|duties|outstanding|cost)(_usd)?$/,
      'figure',
    ],
    [/_(price|amount|quantity)$/, 'figure'],
    [/_(at|on)$/, 'date'],
  ],
)

/** With the properties in which our writer says what was weighed. */
export const shopifyRules: Rules = {
  ...rules,
  isOwnName: (name) => /^_tillflow_(quantity|unit|unit_price)$/.test(name),
}
