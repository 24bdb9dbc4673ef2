import { figure } from './codecs.ts'
import { attribute, content, group, leaf, object, type Part, type Shape } from './shape.ts'
import { stockStateWord } from './standard-words.ts'

/** Goods that were counted or moved: POSLog has no one line for both, so that the element is ours. */
export const inventoryLineShape: Shape = {
  children: [
    leaf('itemId', 'ItemID'),
    leaf('gtin', 'tillflow:GTIN'),
    leaf('description', 'Description'),
    group('Quantity', {
      attributes: [attribute('unitOfMeasure', 'UnitOfMeasureCode')],
      text: content('quantity', figure),
    }),
    place('at', 'tillflow:At'),
    place('from', 'tillflow:From'),
    place('to', 'tillflow:To'),
  ],
}

function place(name: string, element: string): Part {
  return object(name, element, {
    attributes: [attribute('state', 'State', stockStateWord)],
    children: [leaf('locationId', 'tillflow:LocationID')],
  })
}
