import type { Connection, DeliveryEvent, Outcome } from '../../contract/connector.ts'

export interface CanaryOptions {
  live: Connection
  canary: Connection
  /** Whether a store goes through the canary. */
  picks(businessUnitId: string): boolean
  onAttempt?(outcome: Outcome['kind']): void
}

/**
 * One target with two connections: receipts of some stores go through the canary, the others through the live one. Cursor, lanes
 * and idempotency keys are those of the target, so that a receipt has one effect on whichever way it begins and ends. What
 * the target promises is what both promise.
 */
export function connectionWithCanary({ live, canary, picks, onAttempt }: CanaryOptions): Connection {
  const of = (event: DeliveryEvent) => (picks(event.transaction.businessUnitId) ? canary : live)
  const { postState, eraseCustomer, readStoreDay } = live
  return {
    features: {
      idempotent: live.features.idempotent && canary.features.idempotent,
      lookUp: live.features.lookUp && canary.features.lookUp,
      ...((live.features.resumes || canary.features.resumes) && { resumes: true }),
      ...(live.features.repeatable && canary.features.repeatable && { repeatable: true }),
    },
    postTransaction: async (event, context) => {
      const connection = of(event)
      if (!connection.postTransaction) return { kind: 'skipped', reason: 'the connector takes no transactions' }
      const outcome = await connection.postTransaction(event, context)
      if (connection === canary) onAttempt?.(outcome.kind)
      return outcome
    },
    ...(live.findPosting &&
      canary.findPosting && { findPosting: async (event, context) => of(event).findPosting?.(event, context) }),
    ...(postState && { postState: postState.bind(live) }),
    ...(eraseCustomer && { eraseCustomer: eraseCustomer.bind(live) }),
    ...(readStoreDay && { readStoreDay: readStoreDay.bind(live) }),
    preview: (event) => of(event).preview?.(event),
    close: async () => {
      await Promise.all([live.close?.(), canary.close?.()])
    },
  }
}
