import type { KeyObject } from 'node:crypto'
import {
  type Account,
  type interactionPolicy,
  type KoaContextWithOIDC,
  interactionPolicy as policies,
} from 'oidc-provider'
import type { Pool } from 'pg'
import { groupOfGrant } from '../../../identity/account-groups.ts'
import { accountOfInvitation } from '../../../identity/device-requests.ts'
import { readLocalAccount } from '../../../identity/local-accounts.ts'
import { signInPath } from './local-paths.ts'
import { webClientId, webScopes } from './own-clients.ts'

/** Whom a token is for: a person of the hub's own, with the groups that his ID token names, or an invitation of a till. */
export async function findPerson(db: Pool, identityKey: KeyObject, accountId: string): Promise<Account | undefined> {
  if (accountId.startsWith(accountOfInvitation(''))) return { accountId, claims: async () => ({ sub: accountId }) }
  const account = await readLocalAccount(db, identityKey, accountId)
  if (!account) return undefined
  const claims = { sub: accountId, name: account.name, groups: account.grants.map(groupOfGrant) }
  return { accountId, claims: async () => claims }
}

/** People are asked who they are, each time, and never whether the hub's own pages may know. */
export function signInPolicy(): interactionPolicy.DefaultPolicy {
  const policy = policies.base()
  policy.remove('consent')
  return policy
}

export function signInUrl(_context: KoaContextWithOIDC, { uid }: { uid: string }): string {
  return `${signInPath}/${uid}`
}

/** The hub's own pages may know who signs in; nobody else has people come here. */
export async function grantOwnClient({ oidc }: KoaContextWithOIDC) {
  const { client, session, provider } = oidc
  if (client?.clientId !== webClientId || session?.accountId === undefined) return undefined
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(webScopes.join(' '))
  await grant.save()
  return grant
}
