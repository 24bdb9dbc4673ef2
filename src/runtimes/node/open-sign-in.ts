import { createPrivateKey, type KeyObject } from 'node:crypto'
import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { Problem } from '../../contract/problem.ts'
import { type Grant, storeFinder } from '../../domain/grant.ts'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import { authorizationServerPath } from '../../http/auth/authorization-server/authorization-server.ts'
import { webClientId, webClientKey, webScopes } from '../../http/auth/authorization-server/own-clients.ts'
import { remoteKeys } from '../../http/auth/remote-keys.ts'
import { isRole } from '../../http/auth/scopes.ts'
import type { ClientCredentials } from '../../http/auth/sign-in/client-authentication.ts'
import { areGroupsElsewhere, grantsOfGroups, groupsOf } from '../../http/auth/sign-in/group-grants.ts'
import { logoutTokenReader } from '../../http/auth/sign-in/logout-token.ts'
import { type OpenidProvider, openidProvider } from '../../http/auth/sign-in/openid-provider.ts'
import { guardedProviderFetch, inProcessFetch } from '../../http/auth/sign-in/provider-fetch.ts'
import type { SignInDeps } from '../../http/deps.ts'
import { grantOfGroup } from '../../identity/account-groups.ts'
import { readSignedInAccount } from '../../identity/local-accounts.ts'
import type { Metrics } from '../../observability/metrics.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { type ExternalSignIn, signInSettings } from '../../settings/sign-in.ts'
import { listedStores } from '../../settings/stores.ts'

interface Options {
  pool: Pool
  settings: Settings
  identityKey: KeyObject
  publicUrl(): string
  /** Asked when somebody signs in: the provider in this hub is a part of it. */
  server(): FastifyInstance
  logger: Logger
  metrics: Metrics
}

const fetchTimeoutMs = 10_000

type People = Pick<SignInDeps, 'provider' | 'toGrants' | 'readPresentGrants' | 'readLogoutToken'> & {
  close(): Promise<void>
}

/** How people sign in, as the settings say; undefined: they do not. */
export function openSignIn(options: Options): { deps: SignInDeps; close(): Promise<void> } | undefined {
  const { pool: db, settings, identityKey, publicUrl, logger, metrics } = options
  const signIn = signInSettings(settings, isRole)
  if (signIn === 'none') return undefined
  const { close, ...people } = signIn === 'embedded' ? openEmbedded(options) : openExternal(signIn, logger)
  const { sessionMaxMs, sessionIdleMs } = settings
  const deps: SignInDeps = {
    ...{ db, identityKey, publicUrl, ...people, sessionMaxMs, sessionIdleMs, clock: systemClock, logger },
    findStores: storeFinder(listedStores(settings)),
    metrics: {
      signIn: (outcome) => metrics.count('signIns', { outcome }),
      breakGlassSession: () => metrics.count('breakGlassSessions', {}),
    },
  }
  return { deps, close }
}

/** The authorization server of this hub: a provider like others, but for the way to it. Its groups are the roles themselves. */
function openEmbedded({ pool, identityKey, publicUrl, server }: Options): People {
  const issuer = () => `${publicUrl()}${authorizationServerPath}`
  const provider = openidProvider({
    issuer,
    clientId: webClientId,
    credentials: { key: webClientKey(identityKey) },
    scopes: webScopes.join(' '),
    fetch: inProcessFetch(server, publicUrl),
    clock: systemClock,
  })
  const toGrants: SignInDeps['toGrants'] = (claims) => {
    const groups = groupsOf(claims, 'groups')
    const grants = groups.map(grantOfGroup).filter((grant) => grant !== undefined)
    return { groups, grants: knownGrants(grants), accountId: String(claims.sub) }
  }
  return {
    ...{ provider, toGrants, close: async () => {} },
    // Here it need not wait for the end of the session.
    readPresentGrants: async ({ subject: accountId }, { signedInAtSeconds = 0 }) => {
      const account = await readSignedInAccount(pool, identityKey, { accountId, signedInAtSeconds })
      return account && knownGrants(account.grants)
    },
  }
}

const knownGrants = (grants: readonly Grant[]): Grant[] => grants.filter(({ role }) => isRole(role))

function openExternal(signIn: ExternalSignIn, logger: Logger): People {
  const { issuer, clientId, scopes, groupsClaim, grantsByGroup, allowPrivateNetwork } = signIn
  const fetch = createGuardedFetch({ allowPrivateNetwork, timeoutMs: fetchTimeoutMs })
  const provider: OpenidProvider = openidProvider({
    ...{ issuer: () => issuer, clientId, scopes, groupsClaim, clock: systemClock },
    credentials: credentialsOf(signIn),
    fetch: guardedProviderFetch(fetch),
  })
  const toGrants: SignInDeps['toGrants'] = (claims) => {
    if (areGroupsElsewhere(claims, groupsClaim)) {
      logger.warn({ claim: groupsClaim }, 'a sign-in failed: the provider has more groups of somebody than its token')
      throw new Problem('sign-in-too-many-groups')
    }
    const groups = groupsOf(claims, groupsClaim)
    return { groups, grants: grantsOfGroups(groups, grantsByGroup) }
  }
  const keys = remoteKeys({ issuer, fetch, clock: systemClock })
  const readLogoutToken = logoutTokenReader({ issuer, clientId, keys, clock: systemClock })
  return { provider, toGrants, readLogoutToken, close: () => fetch.close() }
}

function credentialsOf({ clientSecret, clientKey, clientSecretMethod }: ExternalSignIn): ClientCredentials {
  if (clientKey.isEmpty) return { secret: clientSecret.reveal(), method: clientSecretMethod }
  try {
    return { key: createPrivateKey(clientKey.reveal()) }
  } catch (error) {
    throw new Problem('settings-invalid', 'signInClientKey is no private key in PEM.', { cause: error })
  }
}
