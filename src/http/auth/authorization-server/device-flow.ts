import type { IncomingMessage } from 'node:http'
import type Provider from 'oidc-provider'
import { type Adapter, errors, type KoaContextWithOIDC } from 'oidc-provider'
import { isProblem } from '../../../contract/problem.ts'
import { type DeviceInfo, deviceCodeKnownSeconds, tillClientId } from '../../../identity/device-requests.ts'
import type { ProviderStore } from '../../../identity/provider-store.ts'
import { deviceRequestLimit, deviceRequestsOf, type Tries } from '../../../identity/tries.ts'
import { maskCardNumbers } from '../../../privacy/card-numbers/mask-card-numbers.ts'
import type { DpopProofs } from '../dpop-proof.ts'
import { devicesPath } from './device-paths.ts'
import { providerAdapter } from './provider-adapter.ts'

const authorizationPath = '/device/auth'
/** As RFC 8628 has it where nothing is said; `noteAsking` begins with it. */
const askEverySeconds = 5
/** Tills that wait at the same time, of all addresses; above that somebody plays. */
const waitingMax = 1_000
const fullMs = 60_000
const deviceNameForm = /^[\p{L}\p{N}][\p{L}\p{N} ._-]{0,63}$/u

export interface DeviceFlowOptions {
  proofs: DpopProofs
  codes: ProviderStore
  tries: Tries
  addressOf(request: IncomingMessage): string
}

/**
 * The device grant (RFC 8628) as tills use it: a till shows its key from the beginning, so that whoever approves it approves this key and
 * no other. `check` is called with each request for a code, `describe` says what is kept of it.
 */
export function deviceFlow({ proofs, codes, tries, addressOf }: DeviceFlowOptions) {
  const asked = new WeakMap<IncomingMessage, DeviceInfo>()
  /** One address does not take the places of all. */
  const takePlace = async (context: KoaContextWithOIDC, address: string): Promise<void> => {
    const one = await tries.take(deviceRequestsOf(address), deviceRequestLimit)
    if (!one.isAllowed) throw refusal(context, one.waitMs, 'too many tills of this address wait to be approved')
    if ((await codes.countLivingLonger(deviceCodeKnownSeconds)) < waitingMax) return
    await tries.giveBack(deviceRequestsOf(address))
    throw refusal(context, fullMs, 'too many tills wait to be approved')
  }
  return {
    check: async (context: KoaContextWithOIDC, name: string | undefined): Promise<void> => {
      if (context.oidc.route !== 'device_authorization') return
      if (name !== undefined && !deviceNameForm.test(name))
        throw new errors.InvalidRequest(
          'device_name has 1 to 64 letters, digits, blanks, dots, underscores and hyphens',
        )
      const thumbprint = await verifyProof(context, proofs, context.oidc.urlFor('device_authorization'))
      const address = addressOf(context.req)
      await takePlace(context, address)
      // Kept, and later in an act for ever; whoever asks may write anything there.
      asked.set(context.req, { address, thumbprint, ...(name !== undefined && { name: maskCardNumbers(name).text }) })
    },
    describe: (context: KoaContextWithOIDC): Record<string, unknown> => ({ ...asked.get(context.req) }),
  }
}

function refusal(context: KoaContextWithOIDC, waitMs: number, description: string): Error {
  context.set('retry-after', String(Math.max(1, Math.ceil(waitMs / 1_000))))
  return new errors.TemporarilyUnavailable(description)
}

/** Throws in the words of OAuth. */
async function verifyProof(context: KoaContextWithOIDC, proofs: DpopProofs, url: string): Promise<string> {
  try {
    return (await proofs.verify(context.get('dpop') || undefined, { method: 'POST', url })).thumbprint
  } catch (error) {
    if (!isProblem(error)) throw error
    if (error.code === 'invalid-dpop-proof') throw new errors.InvalidDpopProof(error.message)
    if (error.code !== 'use-dpop-nonce') throw new errors.TemporarilyUnavailable()
    context.set('dpop-nonce', proofs.nonce())
    throw new errors.UseDpopNonce('sign a new proof with the nonce in DPoP-Nonce')
  }
}

/** What a token for a till that was approved says; read by `enrolmentIssuer`. Throws `invalid_grant` for another key than was approved. */
export function enrolmentClaims(context: KoaContextWithOIDC, jkt: unknown): Record<string, unknown> {
  const { deviceInfo } = Object(context.oidc.entities.DeviceCode) as { deviceInfo?: DeviceInfo }
  if (!deviceInfo?.invitation || deviceInfo.thumbprint !== jkt)
    throw new errors.InvalidGrant('the key is another one than was approved')
  const { id, store, till } = deviceInfo.invitation
  return { client_kind: 'invitation', invitation_id: id, stores: [store], workstation_id: till }
}

export function isTillClient(clientId: string | undefined): boolean {
  return clientId === tillClientId
}

/** Codes of tills that wait: asked about too often, the answer is `slow_down`, and one that has ended is still known as such. */
export function deviceCodeAdapter(store: ProviderStore): Adapter {
  const plain = providerAdapter('DeviceCode', store)
  return {
    ...plain,
    upsert: (id, payload, lifeSeconds) => plain.upsert(id, payload, (lifeSeconds ?? 0) + deviceCodeKnownSeconds),
    find: async (id) => {
      const state = await store.find(id)
      if (state && !(await store.noteAsking(id))) throw new errors.SlowDown()
      return state as Awaited<ReturnType<Adapter['find']>>
    },
  }
}

/** Our own page stands where the server would have one, and its answer says how often a till may ask. */
export function answerDevices(provider: Provider, publicUrl: string): void {
  const page = `${publicUrl}${devicesPath}`
  provider.use(async (context, next) => {
    if (context.path !== authorizationPath && /^\/device(\/|$)/.test(context.path)) {
      context.redirect(page)
      return
    }
    await next()
    if (context.path !== authorizationPath || context.status !== 200) return
    const answer = context.body as { user_code: string }
    const complete = `${page}?code=${encodeURIComponent(answer.user_code)}`
    context.body = {
      ...answer,
      verification_uri: page,
      verification_uri_complete: complete,
      interval: askEverySeconds,
    }
  })
}
