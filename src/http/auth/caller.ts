import { Problem } from '../../contract/problem.ts'
import { type Grants, grantsOf, type Reach } from './reach.ts'
import type { Scope } from './scopes.ts'

/** Whom an upload is from, as far as recording it must know. */
export interface Sender {
  /** Kept with everything it sends. */
  senderId: string
  /** Stores this sender may speak for; absent: every store. */
  stores?: readonly string[]
  /** The one till this sender is; absent: it may speak for every till of its stores. */
  workstationId?: string
  /** Whether this sender may speak for a store, and for this till of it. */
  maySpeakFor(businessUnitId: string, workstationId: string | undefined): boolean
}

/** Who calls the API. */
export interface Caller extends Sender {
  /** As audit acts name it: `token:<id>`, `till:<client id>`, `machine:<client id>`, `issuer:<name>:<subject>`, `person:<id>`,
   * `break-glass:<id>`. */
  actor: string
  /** `person`: somebody who has signed in. */
  kind: 'client' | 'person'
  grants: Grants
}

/** Makes the sender of an id, its stores (undefined: every store) and the till that it is. */
export function senderOf(
  senderId: string,
  stores: readonly string[] | null | undefined,
  workstationId?: string,
): Sender {
  const known = stores ? new Set(stores) : undefined
  return {
    senderId,
    ...(stores && { stores }),
    ...(workstationId !== undefined && { workstationId }),
    maySpeakFor: (store, till) =>
      (known?.has(store) ?? true) && (workstationId === undefined || till === workstationId),
  }
}

interface Client {
  id: string
  actor: string
  scopes: Iterable<string>
  /** Absent: every store. */
  stores?: readonly string[] | null | undefined
  workstationId?: string | undefined
}

/** A token, a till or a machine: what it may do it may do in all of its stores. */
export function clientCaller({ id, actor, scopes, stores, workstationId }: Client): Caller {
  return { ...senderOf(id, stores, workstationId), actor, kind: 'client', grants: grantsOf(scopes, stores) }
}

/** A person, who looks after receipts and sends none. */
export function personCaller(actor: string, grants: Grants): Caller {
  return { ...senderOf(actor, []), actor, kind: 'person', grants }
}

/** Whether a caller may use a scope for every store. */
export function isGranted({ grants }: Pick<Caller, 'grants'>, scope: Scope): boolean {
  return grants.get(scope) === 'every'
}

/** The stores for which a caller may use a scope; undefined: every one. Who may not use it at all has none. */
export function storesFor({ grants }: Pick<Caller, 'grants'>, scope: Scope): readonly string[] | undefined {
  const reach: Reach = grants.get(scope) ?? new Set()
  return reach === 'every' ? undefined : [...reach]
}

/**
 * Throws Problem `unknown-store` where a caller names a store that is not among these: one of somebody else is answered like one that does
 * not exist.
 */
export function requireStore(stores: readonly string[] | undefined, store: string | undefined): void {
  if (stores && store !== undefined && !stores.includes(store)) throw new Problem('unknown-store')
}
