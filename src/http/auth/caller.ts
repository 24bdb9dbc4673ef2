import { actsOnEveryStore, type Scope } from './scopes.ts'

/** Whom an upload is from, as far as recording it must know. */
export interface Sender {
  /** Kept with everything it sends. */
  senderId: string
  /** Stores this sender may speak for; absent: every store. */
  stores?: readonly string[]
  /** Whether this sender may speak for a store. */
  maySpeakFor(businessUnitId: string): boolean
}

/** Who calls the API. */
export interface Caller extends Sender {
  /** As audit acts name it: `token:<id>`. */
  actor: string
  scopes: ReadonlySet<string>
}

/** Makes the sender of an id and its stores; undefined: every store. */
export function senderOf(senderId: string, stores: readonly string[] | null | undefined): Sender {
  const known = stores ? new Set(stores) : undefined
  return { senderId, ...(stores && { stores }), maySpeakFor: (store) => known?.has(store) ?? true }
}

/** Whether a caller may use a scope: one that is limited to stores has no scope that acts on all of them, whatever it was given. */
export function isGranted({ scopes, stores }: Pick<Caller, 'scopes' | 'stores'>, scope: Scope): boolean {
  return scopes.has(scope) && !(stores && actsOnEveryStore(scope))
}
