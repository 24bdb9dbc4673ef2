import type { TenderLine } from '../../domain/transaction/line.ts'
import { child, defined, type Fields, text } from './fields.ts'
import type { Money } from './money.ts'
import { readMeans } from './tender.ts'
import { orderTenderTypes, translate, type UnknownWords } from './words.ts'

/** A tender that is no payment of its own (`payment_id` is missing): it was taken before Square had payments. */
export function readOrderTender(tender: Fields, lineNumber: number, money: Money, unknown: UnknownWords): TenderLine {
  const extensions: Record<string, unknown> = defined({ 'square:tender_id': text(tender, 'id') })
  const word = text(tender, 'type')
  const tenderType = translate(orderTenderTypes, { field: 'tender_type', word, extensions, unknown }) ?? 'OTHER'
  const card = child(tender, 'card_details') && readMeans({ word: 'CARD', details: tender }, extensions, unknown)
  const cash = child(tender, 'cash_details')
  return {
    lineNumber,
    lineType: 'TENDER',
    ...(card ?? { tenderType, ...(extensions['square:tender_type'] === undefined && defined({ tenderId: word })) }),
    amount: money.text(tender, 'amount_money') ?? money.decimal(0n),
    ...defined({
      tenderedAmount: money.text(cash, 'buyer_tendered_money'),
      changeAmount: money.text(cash, 'change_back_money'),
    }),
    extensions,
  }
}
