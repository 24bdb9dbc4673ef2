import { actsOnEveryStore, type Scope } from './scopes.ts'

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
  /** As audit acts name it: `token:<id>`, `till:<client id>`, `machine:<client id>`, `issuer:<name>:<subject>`. */
  actor: string
  scopes: ReadonlySet<string>
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

/** Whether a caller may use a scope: one that is limited to stores has no scope that acts on all of them, whatever it was given. */
export function isGranted({ scopes, stores }: Pick<Caller, 'scopes' | 'stores'>, scope: Scope): boolean {
  return scopes.has(scope) && !(stores && actsOnEveryStore(scope))
}
