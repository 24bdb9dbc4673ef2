import type { TransactionType } from '../../../domain/transaction/codes.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'
import { cashDirection } from '../control.ts'
import { childOf, type Element } from '../element.ts'
import { amount } from './codecs.ts'
import { leaf, object, type Part, takeObject, type Values } from './shape.ts'

/** Money that moves without a sale. `turned`: the event says that it goes out, and states it without sign. */
const movementParts: readonly Part[] = [leaf('amount', 'Amount', amount), leaf('reasonCode', 'ReasonCode')]
const beside = object('cashMovement', 'tillflow:CashMovement', { children: movementParts })

/** Inside of the event that moves it, else beside. */
export function putCash({ transactionType, cashMovement }: Transaction): { inside: string; beside: string } {
  if (cashMovement === undefined) return { inside: '', beside: '' }
  const way = cashDirection[transactionType]
  const values = cashMovement as unknown as Values
  if (way === undefined) return { inside: '', beside: beside.put({ cashMovement }, false) }
  return { inside: movementParts.map((part) => part.put(values, way === 'out')).join(''), beside: '' }
}

export function takeCash(content: Element, event: Element | undefined, type: TransactionType, values: Values): void {
  const way = cashDirection[type]
  if (event && way !== undefined && childOf(event, 'Amount')) {
    values.cashMovement = takeObject({ children: movementParts }, event, way === 'out')
  } else beside.take(content, values, false)
}
