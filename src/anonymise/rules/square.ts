import { makeRules } from '../rules.ts'

/** Square API answers and webhook bodies: orders, payments, refunds, cash drawer shifts, stock and loyalty. */
export const squareRules = makeRules(
  'square',
  'json',
  {
    figure: 'amount quantity percentage version catalog_version points balance ordinal precision rate_percentage',
    code: `
      currency state status type source_type card_brand card_type prepaid_type entry_method cvv_status avs_status
      risk_level product square_product scope delay_action delay_duration catalog_object_type item_type category code
      from_state to_state event_type calculation_phase tax_calculation_phase discount_type capabilities api_version
      processing_fee.type tender_type verification_method verification_results fulfillment_type country time_zone timezone
      buyer_currency account_type wallet_status brand modifier_type pricing_type application_method destination_type
      treatment_type generic_unit weight_unit volume_unit length_unit area_unit time_unit`,
    goods: 'catalog_object_id item_id item_variation_id sku upc gtin',
    date: 'created_at start_date end_date',
    phone: 'phone_number buyer_phone_number',
    card: 'last_4 bin fingerprint auth_result_code exp_month exp_year statement_description cardholder_name',
    pseudonym: 'birthday born_at',
  },
  [
    [/_amount$|_percentage$/, 'figure'],
    [/_(at|until)$/, 'date'],
  ],
)
