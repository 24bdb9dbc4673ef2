import type { TransactionStatus, TransactionType } from '../../../domain/transaction/codes.ts'
import type { Transaction } from '../../../domain/transaction/transaction.ts'

export type ContainerName =
  | 'RetailTransaction'
  | 'CustomerOrderTransaction'
  | 'ControlTransaction'
  | 'TenderControlTransaction'
  | 'InventoryControlTransaction'

export interface Container {
  name: ContainerName
  /** The event of a control transaction. */
  event?: string
}

const retail: Container = { name: 'RetailTransaction' }
const order: Container = { name: 'CustomerOrderTransaction' }
const control = (event: string): Container => ({ name: 'ControlTransaction', event })
const tenderControl = (event: string): Container => ({ name: 'TenderControlTransaction', event })
const inventoryControl = (event: string): Container => ({ name: 'InventoryControlTransaction', event })

/** Where POSLog puts a transaction of each type; what it has no word for is an event of ours. */
const containers: Readonly<Record<TransactionType, Container>> = {
  SALE: retail,
  RETURN: retail,
  EXCHANGE: retail,
  POST_VOID: control('PostVoid'),
  CANCELLED: retail,
  SUSPENDED: retail,
  RESUMED: retail,
  LAYAWAY: retail,
  ORDER_PLACE: order,
  ORDER_PICKUP: order,
  ORDER_DEPOSIT: order,
  ORDER_REFUND: order,
  PAYMENT_ON_ACCOUNT: retail,
  GIFT_CARD_ISSUE: retail,
  GIFT_CARD_RELOAD: retail,
  GIFT_CARD_CASHOUT: retail,
  NO_SALE: control('NoSale'),
  PAID_IN: tenderControl('PaidIn'),
  PAID_OUT: tenderControl('PaidOut'),
  PETTY_CASH: tenderControl('PettyCash'),
  TENDER_LOAN: tenderControl('TenderLoan'),
  TENDER_PICKUP: tenderControl('TenderPickup'),
  SAFE_DROP: tenderControl('SafeDrop'),
  BANK_DEPOSIT: tenderControl('Deposit'),
  TENDER_EXCHANGE: tenderControl('TenderExchange'),
  TILL_DECLARATION: tenderControl('TillDeclaration'),
  TILL_SETTLE: tenderControl('TillSettle'),
  OPERATOR_SIGN_ON: control('OperatorSignOn'),
  OPERATOR_SIGN_OFF: control('OperatorSignOff'),
  SHIFT_START: control('ShiftStart'),
  SHIFT_END: control('ShiftEnd'),
  TILL_OPEN: control('TillSOD'),
  TILL_CLOSE: control('TillEOD'),
  WORKSTATION_OPEN: control('POSSOD'),
  WORKSTATION_CLOSE: control('POSEOD'),
  BUSINESS_DAY_OPEN: control('BusinessSOD'),
  BUSINESS_DAY_CLOSE: control('BusinessEOD'),
  X_REPORT: control('tillflow:XReport'),
  Z_REPORT: control('tillflow:ZReport'),
  RECEIPT_REPRINT: control('ReceiptReprint'),
  INVENTORY_COUNT: inventoryControl('tillflow:InventoryCount'),
  INVENTORY_POSITION: inventoryControl('tillflow:InventoryPosition'),
  INVENTORY_ADJUSTMENT: inventoryControl('tillflow:InventoryAdjustment'),
  INVENTORY_TRANSFER: inventoryControl('tillflow:InventoryTransfer'),
  TRAINING: retail,
  UNKNOWN: control('tillflow:Unknown'),
}

/** A void with lines is a receipt that takes another back. */
export function containerOf({ transactionType, lines }: Transaction): Container {
  return transactionType === 'POST_VOID' && lines.length > 0 ? retail : containers[transactionType]
}

const typesByEvent = new Map(
  (Object.entries(containers) as [TransactionType, Container][]).flatMap(([type, { event }]) =>
    event === undefined ? [] : [[event, type] as const],
  ),
)

/** The type that the standard part alone says: a retail transaction is a sale, an order is placed, an event has a name. */
export function statedType(name: string, event: string | undefined): TransactionType | undefined {
  if (name === 'RetailTransaction') return 'SALE'
  if (name === 'CustomerOrderTransaction') return 'ORDER_PLACE'
  return event === undefined ? undefined : typesByEvent.get(event)
}

export function isEvent(name: string): boolean {
  return typesByEvent.has(name)
}

/** Of a whole transaction that goes back, discounts are money that the shop gets. */
export function goesBack(type: unknown): boolean {
  return type === 'RETURN' || type === 'ORDER_REFUND'
}

/** Words of TransactionStatus that say more than the state, for completed transactions of these types. */
const completedWords: Partial<Record<TransactionType, string>> = {
  RESUMED: 'Resumed',
  // A finished order is one that was fetched.
  ORDER_PLACE: 'Authorized',
  ORDER_DEPOSIT: 'Authorized',
  ORDER_PICKUP: 'Delivered',
  ORDER_REFUND: 'Returned',
}

const statusWords: Readonly<Record<TransactionStatus, string>> = {
  IN_PROGRESS: 'InProcess',
  SUSPENDED: 'Suspended',
  COMPLETED: 'Finished',
  CANCELLED: 'Canceled',
  POST_VOIDED: 'PostVoided',
}

const statusByWord = new Map<string, TransactionStatus>([
  ...(Object.entries(statusWords) as [TransactionStatus, string][]).map(
    ([status, word]): [string, TransactionStatus] => [word, status],
  ),
  ...Object.values(completedWords).map((word): [string, TransactionStatus] => [word, 'COMPLETED']),
])

/** What other readers must take it for: nothing that was cancelled or suspended looks like a sale. */
export function statusWord({ transactionType, status }: Transaction): string {
  if (transactionType === 'CANCELLED') return statusWords.CANCELLED
  if (transactionType === 'SUSPENDED' && status !== 'CANCELLED') return statusWords.SUSPENDED
  return (status === 'COMPLETED' ? completedWords[transactionType] : undefined) ?? statusWords[status]
}

export function statedStatus(word: string | undefined): TransactionStatus | undefined {
  return word === undefined ? 'COMPLETED' : statusByWord.get(word)
}
