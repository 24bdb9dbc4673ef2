import { isBankOnly, passesGs1Check } from './issuers.ts'

const productFields =
  /^(?:gtin|ean|upc|itemid|item|itemnumber|positemid|sku|plu|barcode|productid|articlenumber|articleid|scandata)(?:8|12|13|14)?$/

/** Numbers that a machine counts or makes up. */
const machineFields =
  /^(?:id|eventid|uuid|.*(?:sequence|receipt|invoice|transaction|order|document|line|journal|serial|reference|authori[sz]ation|approval|terminal|workstation|trace|batch|shipment|tracking|signature|device|tse|variant|checkout|location|session)(?:number|numbers|no|nr|id|ids|code|counter)?)$/

const memberFields =
  /^(?:.*(?:loyalty|membership|member|household|customer|accountid|loyaltyaccount)(?:id|number|no|nr|card|cardnumber|account|accountid)?)$/

/** A name that says it holds a card, whatever else it says. */
const cardFields = /(?:^|credit|debit|payment|bank)card|^pan$|primaryaccount/

/**
 * Whether a number that passes as a card number is an identifier by the field it fills alone.
 *
 * - Product fields: only fourteen digits with a right GS1 check digit. A card swiped by a keyboard reader lands in the item
 *   field, so a longer number there is a card.
 * - Receipt, sequence, serial, reference, terminal and other machine numbers: always. They are composed of store, till and
 *   date, and masking one in ten of them would merge receipts.
 * - Loyalty and customer numbers: unless nobody but a bank gives out such numbers. Some programmes use the payment card
 *   itself as the member's number.
 *
 * A number written in groups, as on a card, is never exempt; the caller asks for unbroken numbers only.
 */
export function isExempt(field: string, digits: string): boolean {
  if (cardFields.test(field)) return false
  if (productFields.test(field)) return digits.length === 14 && passesGs1Check(digits)
  if (memberFields.test(field)) return !isBankOnly(digits)
  return machineFields.test(field)
}
