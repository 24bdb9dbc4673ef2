import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import type { Client } from '../../../identity/clients.ts'
import type { KeptState, ProviderStore } from '../../../identity/provider-store.ts'

/** Kinds of things that are there once, by their own sense: an id that was used is not used again. */
const onceOnly = new Set(['ReplayDetection'])

/** What `oidc-provider` keeps, in PostgreSQL. Every process of an installation sees it. */
export function providerAdapter(model: string, store: ProviderStore): Adapter {
  return {
    upsert: async (id, payload, lifeSeconds) => {
      const isNew = await store.put(id, payload as KeptState, lifeSeconds, { onlyOnce: onceOnly.has(model) })
      // It looked first; between look and write another process was faster.
      if (!isNew) throw new errors.InvalidClientAuth('it was used before')
    },
    find: async (id) => (await store.find(id)) as AdapterPayload | undefined,
    findByUid: async (uid) => (await store.findByUid(uid)) as AdapterPayload | undefined,
    findByUserCode: async (code) => (await store.findByUserCode(code)) as AdapterPayload | undefined,
    consume: async (id) => {
      if (!(await store.consume(id))) throw new errors.InvalidGrant('it was used before')
    },
    destroy: (id) => store.destroy(id),
    revokeByGrantId: (grantId) => store.revokeByGrantId(grantId),
  }
}

/** Clients are tills and machines of ours, and the hub's own pages; nobody registers here. */
export function clientAdapter(
  find: (clientId: string) => Promise<Client | undefined>,
  findOwn: (clientId: string) => AdapterPayload | undefined,
): Adapter {
  const refuse = async () => {
    throw new errors.InvalidRequest('clients are not registered here')
  }
  return {
    find: async (clientId) => {
      const own = findOwn(clientId)
      if (own) return own
      const client = await find(clientId)
      return client && metadataOf(client)
    },
    ...{ upsert: refuse, consume: refuse, destroy: refuse, revokeByGrantId: refuse },
    ...{ findByUid: async () => undefined, findByUserCode: async () => undefined },
  }
}

function metadataOf({ clientId, name, jwks, scopes, binding }: Client): AdapterPayload {
  return {
    client_id: clientId,
    client_name: name,
    jwks: jwks as NonNullable<AdapterPayload['jwks']>,
    scope: scopes.join(' '),
    grant_types: ['client_credentials'],
    response_types: [],
    redirect_uris: [],
    token_endpoint_auth_method: 'private_key_jwt',
    dpop_bound_access_tokens: binding === 'dpop',
    ...(binding === 'mtls' && { tls_client_certificate_bound_access_tokens: true }),
  }
}
