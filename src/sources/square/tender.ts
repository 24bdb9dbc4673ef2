import type { EntryMethod, TenderType } from '../../domain/transaction/codes.ts'
import type { CardDetails, TenderLine } from '../../domain/transaction/line.ts'
import { child, defined, type Fields, shortText, text } from './fields.ts'
import { cardEntryMethods, externalTypes, giftCardBrand, sourceTypes, translate, type UnknownWords } from './words.ts'

/** How a payment was made: the means, and what is known of it. Whole card numbers never come from Square. */
export type Means = Pick<TenderLine, 'tenderType'> &
  Partial<Pick<TenderLine, 'tenderId' | 'card' | 'storedValue' | 'entryMethod'>>

/** The names of the parts in which payment and refund say the same. */
export interface MeansFields {
  /** `source_type` or `destination_type`. */
  word: string | undefined
  /** Holds `card_details`, `external_details` and the like. */
  details: Fields | undefined
}

export function readMeans(
  { word, details }: MeansFields,
  extensions: Record<string, unknown>,
  unknown: UnknownWords,
): Means {
  const tenderType = translate(sourceTypes, { field: 'source_type', word, extensions, unknown }) ?? 'OTHER'
  const cardDetails = child(details, 'card_details')
  if (cardDetails) return readCard(cardDetails, tenderType, extensions, unknown)
  if (word === 'EXTERNAL') return readExternal(child(details, 'external_details'), extensions, unknown)
  const brand =
    shortText(child(details, 'wallet_details'), 'brand', 64) ??
    shortText(child(details, 'buy_now_pay_later_details'), 'brand', 64)
  if (word === undefined || !Object.hasOwn(sourceTypes, word)) return { tenderType }
  return { tenderType, tenderId: brand === undefined ? word : `${word}/${brand}` }
}

function readCard(
  details: Fields,
  tenderType: TenderType,
  extensions: Record<string, unknown>,
  unknown: UnknownWords,
): Means {
  const card = child(details, 'card')
  const brand = shortText(card, 'card_brand', 64)
  const last4 = lastFour(card)
  const entryMode = translate<EntryMethod>(cardEntryMethods, {
    field: 'entry_method',
    word: text(details, 'entry_method'),
    extensions,
    unknown,
  })
  if (brand === giftCardBrand) {
    return {
      tenderType: 'GIFT_CARD',
      tenderId: giftCardBrand,
      ...(last4 !== undefined && { storedValue: { maskedNumber: `****${last4}` } }),
    }
  }
  const known: CardDetails = defined({
    brand,
    last4,
    entryMode,
    authorizationCode: text(details, 'auth_result_code'),
  })
  return { tenderType, tenderId: 'CARD', ...(Object.keys(known).length > 0 && { card: known }) }
}

function lastFour(card: Fields | undefined): string | undefined {
  const digits = text(card, 'last_4')
  return digits !== undefined && /^\d{4}$/.test(digits) ? digits : undefined
}

/** Who took the money instead of Square (`external_details.source`) is a free text, and stays out. */
function readExternal(details: Fields | undefined, extensions: Record<string, unknown>, unknown: UnknownWords): Means {
  const word = text(details, 'type')
  const tenderType = translate(externalTypes, { field: 'external_type', word, extensions, unknown }) ?? 'OTHER'
  const isKnown = word !== undefined && Object.hasOwn(externalTypes, word)
  return { tenderType, tenderId: isKnown ? `EXTERNAL/${word}` : 'EXTERNAL' }
}
