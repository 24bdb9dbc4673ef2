import type { SourceWriter } from '../../contract/source.ts'
import type { Transaction } from '../../domain/transaction/transaction.ts'
import { isWritable, toFacts } from './till-facts.ts'
import { writeEvent, writeShift } from './write-drawer.ts'
import { type InventoryChange, writeInventoryChange, writeInventoryCount } from './write-inventory.ts'
import { writePayment, writeRefund } from './write-money.ts'
import { type OrderObject, writeReturn, writeSale } from './write-order.ts'

/**
 * One document in the shape of Square's answers: orders, then their payments, refunds and drawers. Facts that were read from
 * Square are written as they were. A till's receipt becomes an order and a payment or refund for each of its tenders, with ids
 * made of store, workstation, series and number.
 */
export const writer: SourceWriter = {
  fileExtension: '.json',
  mediaType: 'application/json',
  canWrite: isWritable,
  writeDocument(transactions, context) {
    const document = new Document()
    for (const transaction of transactions) {
      if (!isWritable(transaction)) throw new RangeError('Square has no words for this transaction.')
      for (const fact of toFacts(transaction, context)) document.add(fact)
    }
    return document.text()
  },
}

class Document {
  /** An exchange is a sale and returns in one order. */
  readonly #orders = new Map<string, OrderObject>()
  readonly #payments: object[] = []
  readonly #refunds: object[] = []
  readonly #shifts: object[] = []
  readonly #events: object[] = []
  readonly #counts: object[] = []
  readonly #changes: InventoryChange[] = []

  add(fact: Transaction): void {
    const { objectType = '', objectId = '' } = fact.vendorFact ?? {}
    switch (objectType) {
      case 'order':
        this.#orders.set(objectId, { ...this.#orders.get(objectId), ...writeSale(fact, objectId) })
        break
      case 'return':
        this.#addReturn(fact, objectId)
        break
      case 'payment':
        this.#payments.push(writePayment(fact, objectId))
        break
      case 'refund':
        this.#refunds.push(writeRefund(fact, objectId))
        break
      case 'cash_drawer_shift':
        this.#shifts.push(writeShift(fact, objectId))
        break
      case 'inventory_count':
        this.#counts.push(writeInventoryCount(fact))
        break
      case 'inventory_physical_count':
      case 'inventory_adjustment':
      case 'inventory_transfer':
        this.#changes.push(writeInventoryChange(fact, objectType, objectId))
        break
      default:
        this.#events.push(writeEvent(fact, objectId))
    }
  }

  #addReturn(fact: Transaction, objectId: string): void {
    const cut = objectId.lastIndexOf('/')
    const [orderId, uid] = [objectId.slice(0, cut), objectId.slice(cut + 1)]
    const { order, returned } = writeReturn(fact, orderId, uid)
    const known = this.#orders.get(orderId)
    this.#orders.set(orderId, { ...order, ...known, returns: [...(known?.returns ?? []), returned] })
  }

  text(): string {
    const parts = {
      orders: [...this.#orders.values()],
      payments: this.#payments,
      refunds: this.#refunds,
      cash_drawer_shifts: this.#shifts,
      cash_drawer_shift_events: this.#events,
      counts: this.#counts,
      changes: this.#changes,
    }
    const present = Object.entries(parts).filter(([name, list]) => list.length > 0 || name === 'orders')
    return `{${present.map(([name, list]) => `"${name}":[${list.map((one) => `\n${JSON.stringify(one)}`).join(',')}\n]`).join(',')}}\n`
  }
}
