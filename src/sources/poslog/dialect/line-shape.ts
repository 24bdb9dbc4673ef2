import type { AmountLine, Line } from '../../../domain/transaction/line.ts'
import type { Element } from '../element.ts'
import { Unrepresentable } from '../notes.ts'
import { flag, json, number } from './codecs.ts'
import { inventoryLineShape } from './inventory-line-shape.ts'
import { amountLineNames, amountLineShapes, loyaltyShape } from './other-line-shapes.ts'
import { isReturnKind, saleLineKind, saleLineKinds, saleLineShape } from './sale-line-shape.ts'
import { attribute, leaf, object, putAll, putElement, type Shape, takeElement, type Values } from './shape.ts'
import { entryMethodWord } from './standard-words.ts'
import { signedByTypeCode, taxLineShape } from './tax-shape.ts'
import { changePart, isChangeLine, tenderPart } from './tender-line-shape.ts'

/** What every LineItem has, whatever it is a line of. */
const lineShape: Required<Pick<Shape, 'attributes' | 'children'>> = {
  attributes: [
    attribute('entryMethod', 'EntryMethod', entryMethodWord),
    attribute('voided', 'VoidFlag', flag),
    attribute('currency', 'tillflow:Currency'),
    attribute('reasonCode', 'tillflow:ReasonCode'),
  ],
  children: [
    object('approval', 'OperatorBypassApproval', {
      children: [leaf('approverId', 'ApproverID'), leaf('reason', 'Description')],
    }),
    leaf('extensions', 'tillflow:Extensions', json),
  ],
}

const taxPart = signedByTypeCode('taxAmount', 'Tax', taxLineShape)
const sequence = leaf('lineNumber', 'SequenceNumber', number)

/** One line. `goesBack`: the whole transaction does, and discounts with it. */
export function putLine(line: Line, goesBack: boolean): string {
  const values = line as unknown as Values
  const attributes = putAll(lineShape.attributes, values, false)
  const rest = putAll(lineShape.children, values, false)
  return `<LineItem${attributes}>${sequence.put(values, false)}${putKind(line, values, goesBack)}${rest}</LineItem>`
}

function putKind(line: Line, values: Values, goesBack: boolean): string {
  switch (line.lineType) {
    case 'SALE':
    case 'RETURN':
      return putElement(saleLineKind(values), saleLineShape, values, line.lineType === 'RETURN')
    case 'TENDER':
      return (isChangeLine(values) ? changePart : tenderPart).put(values, false)
    case 'TAX':
      return taxPart.put(values, false)
    case 'LOYALTY':
      return putElement('LoyaltyReward', loyaltyShape, values, goesBack)
    case 'INVENTORY':
      return putElement('tillflow:Inventory', inventoryLineShape, values, false)
    case 'UNKNOWN':
      return '<tillflow:Unknown/>'
    default:
      return putAmountLine(line, values, goesBack)
  }
}

function putAmountLine({ lineType }: AmountLine, values: Values, goesBack: boolean): string {
  const name = amountLineNames[lineType]
  const known = amountLineShapes.get(name)
  if (known === undefined) throw new RangeError('A line is of a kind that POSLog has no word for.')
  return putElement(name, known.shape, values, goesBack)
}

export function takeLine(lineItem: Element, goesBack: boolean): Values {
  const values: Values = {}
  takeElement(lineShape, lineItem, values, false)
  sequence.take(lineItem, values, false)
  const kind = lineItem.children.find((child) => isKind(child.name))
  if (kind === undefined) throw new Unrepresentable('schema-violation', 'A line is of a kind that is not written.')
  takeKind(lineItem, kind, values, goesBack)
  return values
}

function isKind(name: string): boolean {
  return saleLineKinds.has(name) || amountLineShapes.has(name) || otherKinds.has(name)
}

const otherKinds = new Set(['Tender', 'TenderChange', 'Tax', 'LoyaltyReward', 'tillflow:Inventory', 'tillflow:Unknown'])

function takeKind(lineItem: Element, kind: Element, values: Values, goesBack: boolean): void {
  const goods = saleLineKinds.get(kind.name)
  const money = amountLineShapes.get(kind.name)
  if (goods !== undefined) {
    values.lineType = goods
    takeElement(saleLineShape, kind, values, isReturnKind(kind))
  } else if (money !== undefined) {
    values.lineType = money.lineType
    takeElement(money.shape, kind, values, goesBack)
  } else if (kind.name === 'Tax') {
    values.lineType = 'TAX'
    taxPart.take(lineItem, values, false)
  } else if (kind.name === 'LoyaltyReward') {
    values.lineType = 'LOYALTY'
    takeElement(loyaltyShape, kind, values, goesBack)
  } else if (kind.name === 'tillflow:Inventory') {
    values.lineType = 'INVENTORY'
    takeElement(inventoryLineShape, kind, values, false)
  } else if (kind.name === 'tillflow:Unknown') values.lineType = 'UNKNOWN'
  else {
    values.lineType = 'TENDER'
    const part = kind.name === 'Tender' ? tenderPart : changePart
    part.take(lineItem, values, false)
  }
}
