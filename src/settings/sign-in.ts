import { Problem } from '../contract/problem.ts'
import { readGrant } from '../contract/read-grant.ts'
import type { Grant } from '../domain/grant.ts'
import type { Settings } from './load-settings.ts'
import type { Secret } from './secret.ts'

/** The fields of an entry of `signInGroups`. */
export const signInGroupFields = {
  group: 'A group as the provider names it, letter by letter. Needed.',
  role: 'viewer, operator, integrator, finance or admin. Needed.',
  legalEntity: 'Only for stores of this company, as `stores` have it.',
  region: 'Only for stores of this region, as `stores` have it.',
  store: 'Only for this store.',
}

/** An OpenID provider of the settings, and what its groups mean here. */
export interface ExternalSignIn {
  issuer: string
  clientId: string
  /** One of both has a value. */
  clientSecret: Secret
  clientKey: Secret
  clientSecretMethod: 'auto' | 'client_secret_basic' | 'client_secret_post'
  scopes: string
  groupsClaim: string
  grantsByGroup: ReadonlyMap<string, readonly Grant[]>
  allowPrivateNetwork: boolean
}

const groupLengthMax = 500

/** How people sign in; without an authorization server of the hub nobody does so there. Throws Problem `settings-invalid`. */
export function signInSettings(
  settings: Settings,
  isRole: (word: unknown) => boolean,
): 'embedded' | 'none' | ExternalSignIn {
  if (settings.signIn !== 'external')
    return settings.signIn === 'embedded' && settings.authorizationServer === 'embedded' ? 'embedded' : 'none'
  const { signInIssuer: issuer, signInClientId: clientId, signInClientSecret, signInClientKey } = settings
  const fail = (what: string) => new Problem('settings-invalid', `${what} where signIn is external.`)
  if (issuer === '') throw fail('signInIssuer must name the provider')
  if (!issuer.startsWith('https:') && !settings.signInAllowPrivateNetwork)
    throw fail('signInIssuer must be https, or signInAllowPrivateNetwork be set,')
  if (clientId === '') throw fail('signInClientId must be set')
  if (signInClientSecret.isEmpty === signInClientKey.isEmpty)
    throw fail('One of signInClientSecret and signInClientKey must be set')
  return {
    ...{ issuer, clientId, clientSecret: signInClientSecret, clientKey: signInClientKey },
    // The definition lets nothing else pass.
    clientSecretMethod: settings.signInClientSecretMethod as ExternalSignIn['clientSecretMethod'],
    scopes: settings.signInScopes,
    groupsClaim: settings.signInGroupsClaim,
    grantsByGroup: readGroups(settings.signInGroups, isRole),
    allowPrivateNetwork: settings.signInAllowPrivateNetwork,
  }
}

function readGroups(entries: Settings['signInGroups'], isRole: (word: unknown) => boolean): Map<string, Grant[]> {
  const grants = new Map<string, Grant[]>()
  for (const [index, { group, ...grant }] of entries.entries()) {
    const place = `signInGroups[${index}]`
    if (typeof group !== 'string' || group === '' || group.length > groupLengthMax)
      throw new Problem('settings-invalid', `${place} needs group as a text of 1 to ${groupLengthMax} characters.`)
    grants.set(group, [...(grants.get(group) ?? []), readGrant(grant, place, isRole)])
  }
  return grants
}
