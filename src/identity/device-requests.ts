import { type KeyObject, randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { recordAct } from '../audit/acts.ts'
import { Problem } from '../contract/problem.ts'
import { withTransaction } from '../database/pool.ts'
import { checkTill, inviteKey, type Till } from './enrolment.ts'
import { createProviderStore, type KeptState, type ProviderStore } from './provider-store.ts'
import { createTries, deviceCodeLimit, deviceRequestsOf } from './tries.ts'

/** What a till that asks to come in is, for the authorization server: one client for all of them, which can do nothing else. */
export const tillClientId = 'tillflow-till'
/** What it gets: to register its key, once. */
export const enrolScope = 'enrol:till'
export const deviceCodeLifeSeconds = 600
/** A code that has ended is known for a while, so that the till is told so. */
export const deviceCodeKnownSeconds = 600

/** A till that waits until somebody says who it is. */
export interface DeviceRequest {
  /** What it calls itself; anybody may write anything there. Numbers of cards are masked. */
  deviceName?: string
  address: string
  /** Of its key (RFC 7638); the till can show it too. */
  keyThumbprint: string
  askedAt: Date
  endsAt: Date
}

/** As the authorization server keeps what it was told of the till (`deviceInfo`). */
export interface DeviceInfo {
  name?: string
  address: string
  thumbprint: string
  /** Of the invitation, once somebody has approved. */
  invitation?: { id: string; store: string; till: string }
}

interface Typed {
  /** As somebody typed it. */
  userCode: string
  actor: string
}

interface Waiting {
  id: string
  state: KeptState
  info: DeviceInfo
}

/** Who asks with a code. Throws Problem `device-code-unknown`, and `tries-exceeded` after five wrong ones of one person. */
export async function findDeviceRequest(db: Pool, identityKey: KeyObject, typed: Typed): Promise<DeviceRequest> {
  const { state, info } = await findWaiting(db, identityKey, typed)
  return {
    ...(info.name !== undefined && { deviceName: info.name }),
    address: info.address,
    keyThumbprint: info.thumbprint,
    askedAt: new Date(Number(state.iat) * 1_000),
    endsAt: new Date(Number(state.exp) * 1_000),
  }
}

/** Says which till it is that asks: it may register its key, once. Throws as `findDeviceRequest` does, and Problem `request-invalid`. */
export async function approveDevice(db: Pool, identityKey: KeyObject, typed: Typed & Till): Promise<void> {
  const { actor, store, till } = typed
  checkTill(typed)
  const waiting = await findWaiting(db, identityKey, typed)
  await decideOnce(db, identityKey, waiting)
  const { name, address, thumbprint } = waiting.info
  const { invitationId } = await withTransaction(db, async (client) => {
    const made = await inviteKey(client, { store, till, keyThumbprint: thumbprint })
    const details = { address, keyThumbprint: thumbprint, ...(name !== undefined && { deviceName: name }) }
    await recordAct(client, { actor, act: 'till.approve', object: `till:${store}/${till}`, details })
    return made
  })
  await completeGrant(db, identityKey, waiting, { id: invitationId, store, till })
  await createTries(db, identityKey).giveBack(deviceRequestsOf(address))
}

/** Lets a till that asks go away. Throws as `findDeviceRequest` does. */
export async function refuseDevice(db: Pool, identityKey: KeyObject, typed: Typed): Promise<void> {
  const waiting = await findWaiting(db, identityKey, typed)
  await decideOnce(db, identityKey, waiting)
  const { name, address, thumbprint } = waiting.info
  const details = { address, ...(name !== undefined && { deviceName: name }) }
  await recordAct(db, { actor: typed.actor, act: 'till.refuse', object: `key:${thumbprint}`, details })
  await save(codesOf(db, identityKey), waiting, { error: 'access_denied', errorDescription: 'somebody refused it' })
}

/** What the code verification of the authorization server does after consent, without a session there: ours are elsewhere. */
async function completeGrant(
  db: Pool,
  identityKey: KeyObject,
  waiting: Waiting,
  invitation: NonNullable<DeviceInfo['invitation']>,
): Promise<void> {
  const { state, info } = waiting
  const { resource } = Object(state.params) as { resource?: string }
  const accountId = accountOfInvitation(invitation.id)
  const grantId = randomUUID()
  const [iat, exp] = [Math.floor(Date.now() / 1_000), Number(state.exp)]
  const grant = {
    ...{ kind: 'Grant', jti: grantId, iat, exp },
    ...{ accountId, clientId: tillClientId, resources: { [String(resource)]: enrolScope } },
  }
  await createProviderStore(db, identityKey, 'Grant').put(grantId, grant, lifeSecondsOf(state))
  const deviceInfo: DeviceInfo = { ...info, invitation }
  await save(codesOf(db, identityKey), waiting, { accountId, grantId, scope: enrolScope, resource, deviceInfo })
}

/** Whom the token is for, as the authorization server names them. */
export function accountOfInvitation(invitationId: string): string {
  return `invitation:${invitationId}`
}

async function findWaiting(db: Pool, identityKey: KeyObject, { userCode, actor }: Typed): Promise<Waiting> {
  const tries = createTries(db, identityKey)
  const one = await tries.take(`device-code:${actor}`, deviceCodeLimit)
  if (!one.isAllowed) throw new Problem('tries-exceeded')
  const normal = userCode.toUpperCase().replace(/[^A-Z]/g, '')
  const state = await codesOf(db, identityKey).findByUserCode(normal)
  const isWaiting = state && !state.accountId && !state.error && Number(state.exp) > Date.now() / 1_000
  if (!isWaiting) {
    if (one.isLast) await recordAct(db, { actor, act: 'till.lock-codes', object: actor })
    throw new Problem('device-code-unknown')
  }
  await tries.giveBack(`device-code:${actor}`)
  return { id: String(state.jti), state, info: state.deviceInfo as DeviceInfo }
}

/** Two who answer at the same moment are not both right. Throws Problem `device-code-unknown` for the second. */
async function decideOnce(db: Pool, identityKey: KeyObject, { id }: Waiting): Promise<void> {
  const decisions = createProviderStore(db, identityKey, 'DeviceDecision')
  if (!(await decisions.put(id, {}, deviceCodeLifeSeconds, { onlyOnce: true })))
    throw new Problem('device-code-unknown')
}

async function save(codes: ProviderStore, { id, state }: Waiting, changes: object): Promise<void> {
  await codes.put(id, { ...state, ...changes }, lifeSecondsOf(state) + deviceCodeKnownSeconds)
}

function codesOf(db: Pool, identityKey: KeyObject): ProviderStore {
  return createProviderStore(db, identityKey, 'DeviceCode')
}

function lifeSecondsOf({ exp }: KeptState): number {
  return Math.max(1, Number(exp) - Math.floor(Date.now() / 1_000))
}
