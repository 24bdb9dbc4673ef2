import { compare, decimal, formatDecimal, multiply, roundTo } from '../../domain/decimal.ts'
import { normaliseGtin } from '../../domain/identifiers.ts'
import type { Line, SaleLine } from '../../domain/transaction/line.ts'
import { belowZero, decimalOf, isNegative, isZero, magnitude, priceOf, readAmount, readDecimal } from './amounts.ts'
import { cutText } from './cut-text.ts'
import { attributeOf, childOf, childrenOf, contentOf, type Element, textOf } from './element.ts'
import { externalText } from './header.ts'
import type { LineContext } from './line-context.ts'
import { readOriginalLink } from './links.ts'
import { extend, readWord } from './notes.ts'
import { readModifiers } from './price-modifiers.ts'
import { readLineTaxes } from './taxes.ts'
import { itemTypeWords } from './words.ts'

/** Kinds of a LineItem that are goods or services, by their ARTS name. */
export const itemKinds: ReadonlyMap<string, { isReturn: boolean; fulfillment?: 'PICKUP' | 'DELIVERY' }> = new Map([
  ['Sale', { isReturn: false }],
  ['Return', { isReturn: true }],
  ['SaleForPickup', { isReturn: false, fulfillment: 'PICKUP' }],
  ['SaleForDelivery', { isReturn: false, fulfillment: 'DELIVERY' }],
  ['ReturnForPickup', { isReturn: true, fulfillment: 'PICKUP' }],
  ['ReturnForDelivery', { isReturn: true, fulfillment: 'DELIVERY' }],
  ['CustomerOrderForPickup', { isReturn: false, fulfillment: 'PICKUP' }],
  ['CustomerOrderForDelivery', { isReturn: false, fulfillment: 'DELIVERY' }],
  ['PreviousCustomerOrder', { isReturn: false }],
  ['PreviousLayaway', { isReturn: false }],
  ['Layaway', { isReturn: false }],
  ['FuelSale', { isReturn: false }],
] as const)

/** Whether an item goes back to the shop: a Return, or a Sale of less than nothing. */
export function takesBack(item: Element): boolean {
  if (itemKinds.get(item.name)?.isReturn || isNegativeItem(item)) return true
  return contentOf(childOf(item, 'Quantity'))?.startsWith('-') ?? false
}

/** NCR ACS: a bottle refund and its like is a Sale of one piece with an amount below zero. */
function isNegativeItem(item: Element): boolean {
  return item.attributes?.ItemType === 'acs:NegativeItem'
}

/** Goods or services. What senders write in four ways becomes one: a return is below zero, its prices are not. */
export function readItemLine(item: Element, lineNumber: number, context: LineContext): Line {
  if (isRounding(item)) return roundingLine(item, lineNumber)
  const isReturn = takesBack(item) !== context.mirrored
  const regularUnitPrice = priceOf(item, 'RegularSalesUnitPrice')
  const actualUnitPrice = priceOf(item, 'ActualSalesUnitPrice')
  const extended = readAmount(childOf(item, 'ExtendedAmount'))
  const price = actualUnitPrice ?? regularUnitPrice
  const quantity = readQuantity(item, price, extended)
  const amount = extended ?? lineAmount(quantity, price)
  const line: SaleLine = {
    lineNumber,
    lineType: isReturn ? 'RETURN' : 'SALE',
    itemId: '-',
    itemType: 'STOCK',
    quantity: isReturn ? belowZero(quantity) : quantity,
    extendedAmount: isReturn ? belowZero(amount) : amount,
  }
  const itemType = attributeOf(item, 'ItemType')
  const place = { name: 'ItemType', notes: context.notes, extended: line }
  if (itemType !== undefined) line.itemType = readWord(itemType, itemTypeWords, place) ?? 'OTHER'
  identifyItem(line, item)
  if (regularUnitPrice !== undefined) line.regularUnitPrice = regularUnitPrice
  if (actualUnitPrice !== undefined) line.actualUnitPrice = actualUnitPrice
  const discount = decimalOf(item, 'ExtendedDiscountAmount') ?? decimalOf(item, 'DiscountAmount')
  if (discount !== undefined && !isZero(discount)) {
    line.discountAmount = isReturn ? magnitude(discount) : belowZero(discount)
  }
  readModifiers(line, item, context)
  const taxes = readLineTaxes(item, isReturn, context, line)
  if (taxes.length > 0) line.taxes = taxes
  const fulfillment = itemKinds.get(item.name)?.fulfillment
  if (fulfillment !== undefined) line.fulfillment = { method: fulfillment }
  const serialNumbers = childrenOf(item, 'SerialNumber').flatMap((one) => externalText(contentOf(one)) ?? [])
  if (serialNumbers.length > 0) line.serialNumbers = serialNumbers.slice(0, 1000)
  if (serialNumbers.length > 1000) extend(line, 'serialNumbersLeftOut', serialNumbers.length - 1000)
  if (textOf(item, 'GiftReceiptFlag') === 'true') line.giftReceipt = true
  const link = childOf(item, 'TransactionLink')
  if (link && isReturn) line.originalLink = readOriginalLink(link, context)
  return line
}

function identifyItem(line: SaleLine, item: Element): void {
  // Further POSIdentity elements name groups of goods, not the item.
  const identities = childrenOf(item, 'POSIdentity')
  const identity = identities.find((one) => !/group/i.test(attributeOf(one, 'POSIDType') ?? '')) ?? identities[0]
  const posItemId = externalText(textOf(identity, 'POSItemID'))
  if (posItemId !== undefined) line.posItemId = posItemId
  const hierarchy = childrenOf(item, 'MerchandiseHierarchy').flatMap((one) => {
    const code = externalText(contentOf(one))
    return code === undefined
      ? []
      : [{ level: cutText(attributeOf(one, 'Level') ?? attributeOf(one, 'ID') ?? 'Department', 64), code }]
  })
  if (hierarchy.length > 0) line.merchandiseHierarchy = hierarchy.slice(0, 16)
  line.itemId = externalText(textOf(item, 'ItemID')) ?? posItemId ?? hierarchy[0]?.code ?? '-'
  const description = textOf(item, 'Description')
  if (description !== undefined) line.description = cutText(description, 1024)
  const gtin = gtinOf(textOf(item, 'GTIN') ?? posItemId, attributeOf(identity, 'POSIDType'))
  if (gtin !== undefined) line.gtin = gtin
  const unit = externalText(attributeOf(childOf(item, 'Quantity'), 'UnitOfMeasureCode'))
  if (unit !== undefined) line.unitOfMeasure = unit
  const department = attributeOf(childOf(item, 'MerchandiseHierarchy'), 'acs:DepartmentDescription')
  if (department !== undefined) extend(line, 'acs:DepartmentDescription', cutText(department, 64))
}

/** A short number that is padded to 14 digits is the store's own (a PLU), and no GTIN. */
function gtinOf(digits: string | undefined, type: string | undefined): string | undefined {
  if (digits === undefined || !/^(GTIN|EAN|UPC|EAN13|EAN8|UPCA)$/i.test(type ?? '')) return undefined
  return digits.replace(/^0+/, '').length < 8 ? undefined : normaliseGtin(digits)
}

/** Some senders count in `Units` and leave a 1 in the element; the amount says which of the two was meant. */
function readQuantity(item: Element, price: string | undefined, extended: string | undefined): string {
  const element = childOf(item, 'Quantity')
  const quantity = readDecimal(element) ?? '1'
  const units = attributeOf(element, 'Units')
  if (units === undefined || price === undefined || extended === undefined) return quantity
  if (!/^-?\d{1,9}(\.\d{1,5})?$/.test(units) || isZero(units)) return quantity
  const fits = (count: string) =>
    compare(multiply(decimal(magnitude(count)), decimal(price)), decimal(magnitude(extended))) === 0
  if (fits(quantity) || !fits(units)) return quantity
  return isNegative(quantity) ? belowZero(units) : units
}

function lineAmount(quantity: string, price: string | undefined): string {
  if (price === undefined) return '0'
  return formatDecimal(roundTo(multiply(decimal(quantity), decimal(price)), 5), 2)
}

/** Swedish receipts carry cash rounding as an item. */
function isRounding(item: Element): boolean {
  return textOf(childOf(item, 'POSIdentity'), 'POSItemID') === 'ROUNDING' || textOf(item, 'ItemID') === 'ROUNDING'
}

function roundingLine(item: Element, lineNumber: number): Line {
  const amount = readAmount(childOf(item, 'ExtendedAmount')) ?? '0'
  return { lineNumber, lineType: 'ROUNDING', amount }
}
