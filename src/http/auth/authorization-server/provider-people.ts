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
import { readSignedInAccount } from '../../../identity/local-accounts.ts'
import type { SignedIn } from './authorization-server.ts'
import { signInPath } from './local-paths.ts'
import { webClientId, webScopes } from './own-clients.ts'

/** When whom a code is for, or who signs in, showed the password, in seconds of the epoch; 0: nobody knows. */
export function signedInAt({ oidc }: KoaContextWithOIDC, token: unknown): number {
  const { authTime } = Object(token ?? {}) as { authTime?: unknown }
  return Number((token === undefined ? oidc.session?.authTime() : authTime) ?? 0)
}

/**
 * Whom a token is for: a person of the hub's own, with the groups that the ID token names, or an invitation of a till. Undefined too for
 * somebody whose password was set after it was shown.
 */
export async function findPerson(db: Pool, identityKey: KeyObject, signedIn: SignedIn): Promise<Account | undefined> {
  const { accountId } = signedIn
  if (accountId.startsWith(accountOfInvitation(''))) return { accountId, claims: async () => ({ sub: accountId }) }
  const account = await readSignedInAccount(db, identityKey, signedIn)
  if (!account) return undefined
  const claims = { sub: accountId, name: account.name, groups: account.grants.map(groupOfGrant) }
  return { accountId, claims: async () => claims }
}

/** Somebody was let in and is not any more before the browser went on: it is asked again, as if nobody had been there. */
const isGone = new policies.Check('account_gone', 'End-User authentication is required', ({ oidc }) => {
  if (oidc.session?.accountId === undefined || oidc.account) return policies.Check.NO_NEED_TO_PROMPT
  Reflect.deleteProperty(oidc.session, 'accountId')
  Object.assign(oidc.session, { destroyed: true })
  return policies.Check.REQUEST_PROMPT
})

/** People are asked who they are, each time, and never whether the hub's own pages may know. */
export function signInPolicy(): interactionPolicy.DefaultPolicy {
  const policy = policies.base()
  policy.remove('consent')
  policy.get('login')?.checks.add(isGone)
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
