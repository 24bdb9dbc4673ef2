import { add, decimal, formatDecimal, sum } from '../../../domain/decimal.ts'
import { normaliseGtin } from '../../../domain/identifiers.ts'
import type { PriceModifier } from '../../../domain/transaction/line.ts'
import { magnitude, negated } from '../amounts.ts'
import { childOf, type Element } from '../element.ts'
import { amount, figure, flag, number, reduction } from './codecs.ts'
import { originalLinkPart } from './link-shape.ts'
import { attribute, content, group, leaf, object, objects, type Part, type Shape, texts, type Values } from './shape.ts'
import { fulfillmentWord, itemTypeWord, modifierMethodWord, stockBucketWord } from './standard-words.ts'
import { lineTaxShape } from './tax-shape.ts'
import { xmlText } from './xml-text.ts'

/** What was scanned. A GTIN without it is written in its place, for readers who know no other. */
const identity: Part = {
  put({ posItemId, gtin }) {
    if (posItemId === undefined && gtin === undefined) return ''
    const stated = (posItemId ?? gtin) as string
    const isGtin = gtin !== undefined && (stated === gtin || normaliseGtin(stated) === gtin)
    const own = gtin === undefined ? '' : ` tillflow:GTIN="${xmlText(gtin as string)}"`
    const missing = posItemId === undefined ? ' tillflow:Unscanned="true"' : ''
    const type = isGtin ? ' POSIDType="GTIN"' : ''
    return `<POSIdentity${type}${own}${missing}><POSItemID>${xmlText(stated)}</POSItemID></POSIdentity>`
  },
  take(element, values) {
    const stated = childOf(element, 'POSIdentity')
    if (!stated) return
    const gtin = stated.attributes?.['tillflow:GTIN']
    if (gtin !== undefined) values.gtin = gtin
    if (stated.attributes?.['tillflow:Unscanned'] === undefined)
      leaf('posItemId', 'POSItemID').take(stated, values, false)
  },
}

/**
 * ARTS states the amount after the modifiers. The model has it before them, and after them where the till said so: what is
 * before them is ours to add.
 */
const extendedAmount: Part = {
  put(values, turned) {
    const { extendedAmount: before, netAmount: after, priceModifiers } = values
    const modifiers = priceModifiers as readonly PriceModifier[] | undefined
    const plain = amount.encode(before, turned)
    if (after === undefined && (modifiers === undefined || modifiers.length === 0)) {
      return `<ExtendedAmount>${plain}</ExtendedAmount>`
    }
    const net = after ?? netOf(before as string, modifiers ?? [])
    const computed = after === undefined ? ' Net="computed"' : ''
    const own = `<tillflow:ExtendedAmount${computed}>${plain}</tillflow:ExtendedAmount>`
    return `<ExtendedAmount>${amount.encode(net, turned)}</ExtendedAmount>${own}`
  },
  take(element, values, turned) {
    const own = childOf(element, 'tillflow:ExtendedAmount')
    const stated = childOf(element, 'ExtendedAmount')
    if (own === undefined) {
      if (stated) values.extendedAmount = amount.decode(stated.text, turned)
      return
    }
    values.extendedAmount = amount.decode(own.text, turned)
    if (stated && own.attributes?.Net !== 'computed') values.netAmount = amount.decode(stated.text, turned)
  },
}

function netOf(extended: string, modifiers: readonly PriceModifier[]): string {
  return formatDecimal(add(decimal(extended), sum(modifiers.map((one) => decimal(one.amount)))), 2)
}

/** With modifiers, ARTS' actual price is the one after them, and the model's the one before them. */
const actualUnitPrice: Part = {
  put({ actualUnitPrice: price, priceModifiers }) {
    if (price === undefined) return ''
    const name = priceModifiers === undefined ? 'ActualSalesUnitPrice' : 'tillflow:ActualSalesUnitPrice'
    return `<${name}>${price as string}</${name}>`
  },
  take(element, values) {
    const price = childOf(element, 'ActualSalesUnitPrice') ?? childOf(element, 'tillflow:ActualSalesUnitPrice')
    if (price) values.actualUnitPrice = price.text
  },
}

/** The money of a modifier is a magnitude, and `Action` says which way it goes; of a return everything is the other way round. */
const change: Part = {
  put({ amount: signed }, turned) {
    const way = turned ? negated(signed as string) : (signed as string)
    const action = way.startsWith('-') ? 'Subtract' : 'Add'
    return `<Amount Action="${action}">${magnitude(way)}</Amount>`
  },
  take(element, values, turned) {
    const stated = childOf(element, 'Amount')
    if (!stated) return
    const way = stated.attributes?.Action === 'Subtract' ? `-${stated.text}` : stated.text
    values.amount = turned ? negated(way) : way
  },
}

const modifierShape: Shape = {
  attributes: [attribute('method', 'MethodCode', modifierMethodWord), appliedTo()],
  children: [
    leaf('sequence', 'SequenceNumber', number),
    change,
    leaf('percent', 'Percent', figure),
    leaf('promotionId', 'PromotionID'),
    leaf('reasonCode', 'ReasonCode'),
    leaf('couponCode', 'tillflow:CouponCode'),
  ],
}

function appliedTo(): Part {
  return {
    put: (values) => (values.appliedTo === 'LINE' ? '' : ' Level="Transaction"'),
    take(element, values) {
      values.appliedTo = element.attributes?.Level === 'Transaction' ? 'TRANSACTION_PRORATED' : 'LINE'
    },
  }
}

/** How goods reach the customer is part of the element's name where POSLog has one for it; `saleLineKind` says which. */
const fulfillment: Part = {
  put(values) {
    const stated = values.fulfillment as Values | undefined
    if (stated === undefined || (kindSuffix(stated) !== '' && Object.keys(stated).length === 1)) return ''
    return fulfillmentPart.put(values, false)
  },
  take(element, values) {
    fulfillmentPart.take(element, values, false)
    const method = methodOf(element.name)
    if (method !== undefined) values.fulfillment ??= { method }
  },
}

const fulfillmentPart = object('fulfillment', 'tillflow:Fulfillment', {
  attributes: [attribute('method', 'Method', fulfillmentWord)],
  children: [leaf('locationId', 'tillflow:LocationID'), leaf('orderLineId', 'tillflow:OrderLineID')],
})

function kindSuffix(stated: Values | undefined): string {
  if (stated?.method === 'PICKUP') return 'ForPickup'
  return stated?.method === 'DELIVERY' ? 'ForDelivery' : ''
}

function methodOf(name: string): 'PICKUP' | 'DELIVERY' | undefined {
  if (name.endsWith('ForPickup')) return 'PICKUP'
  return name.endsWith('ForDelivery') ? 'DELIVERY' : undefined
}

/** The element of a sale or return: `Sale`, `ReturnForPickup`... */
export function saleLineKind({ lineType, fulfillment: stated }: Values): string {
  return (lineType === 'RETURN' ? 'Return' : 'Sale') + kindSuffix(stated as Values | undefined)
}

export const saleLineKinds: ReadonlyMap<string, 'SALE' | 'RETURN'> = new Map([
  ['Sale', 'SALE'],
  ['SaleForPickup', 'SALE'],
  ['SaleForDelivery', 'SALE'],
  ['Return', 'RETURN'],
  ['ReturnForPickup', 'RETURN'],
  ['ReturnForDelivery', 'RETURN'],
])

export const saleLineShape: Shape = {
  attributes: [attribute('itemType', 'ItemType', itemTypeWord)],
  children: [
    identity,
    leaf('itemId', 'ItemID'),
    objects('merchandiseHierarchy', 'MerchandiseHierarchy', {
      attributes: [attribute('level', 'Level')],
      text: content('code'),
    }),
    leaf('description', 'Description'),
    leaf('regularUnitPrice', 'RegularSalesUnitPrice', figure),
    actualUnitPrice,
    extendedAmount,
    leaf('discountAmount', 'ExtendedDiscountAmount', reduction),
    group('Quantity', {
      attributes: [attribute('unitOfMeasure', 'UnitOfMeasureCode')],
      text: content('quantity', amount),
    }),
    texts('serialNumbers', 'SerialNumber'),
    leaf('giftReceipt', 'GiftReceiptFlag', flag),
    objects('priceModifiers', 'RetailPriceModifier', modifierShape),
    objects('taxes', 'Tax', lineTaxShape),
    originalLinkPart,
    fulfillment,
    object('inventoryImpact', 'tillflow:InventoryImpact', {
      attributes: [attribute('bucket', 'Bucket', stockBucketWord)],
      children: [leaf('locationId', 'tillflow:LocationID')],
    }),
  ],
}

export function isReturnKind(kind: Element): boolean {
  return saleLineKinds.get(kind.name) === 'RETURN'
}
