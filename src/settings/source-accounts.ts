import { Problem } from '../contract/problem.ts'
import type { ConnectedAccount, Source } from '../contract/source.ts'
import { isIdentifier } from '../domain/identifiers.ts'
import type { Settings } from './load-settings.ts'
import { Secret } from './secret.ts'
import { readSecret } from './secrets/index.ts'

/** The fields of one entry of `sourceAccounts`. */
export const sourceAccountFields = {
  source: 'The source that reads this vendor: shopify, square. Needed.',
  account:
    "The vendor's name of the account: a shop domain, a merchant id. Needed. It is part of the identity of every fact: never change it.",
  alsoKnownAs: 'Other names of the same account, as after a shop was renamed.',
  webhookSecrets:
    'The secrets that sign webhooks. Two are valid while one takes the place of the other; none: webhooks are refused.',
  notificationUrl:
    'The address the vendor was told to send to, character by character; needed where the vendor signs it.',
  locations: 'Our store for each vendor location, as an object: { "655441491": "9" }.',
  onlineStore: 'Our store for what was sold in no location (the web shop); default: it is kept in quarantine.',
}

/** The sources that an account can name: those that read vendors' facts. */
export function accountSources(sources: readonly Pick<Source, 'name' | 'features'>[]): string[] {
  return sources.filter(({ features }) => features.identity === 'vendor-fact').map(({ name }) => name)
}

const secretLengthMin = 8

/** The accounts of the settings, checked, for sources that read vendors' accounts. Throws Problem `settings-invalid` with the place, never a value. */
export function sourceAccounts(settings: Settings, sourceNames: readonly string[]): ConnectedAccount[] {
  const seen = new Set<string>()
  return settings.sourceAccounts.map((entry, index) => {
    const fail = (what: string) => new Problem('settings-invalid', `sourceAccounts[${index}] ${what}.`)
    const unknown = Object.keys(entry).find((name) => !Object.hasOwn(sourceAccountFields, name))
    if (unknown !== undefined) throw fail(`has no field ${unknown}`)
    const { source, account, alsoKnownAs = [], webhookSecrets = [], notificationUrl = '' } = entry
    if (typeof source !== 'string' || !sourceNames.includes(source))
      throw fail(`needs a source: ${sourceNames.join(', ')}`)
    if (!isName(account)) throw fail('needs an account of 1 to 128 characters')
    if (!Array.isArray(alsoKnownAs) || !alsoKnownAs.every(isName)) throw fail('needs alsoKnownAs as a list of names')
    const names = [account, ...alsoKnownAs]
    for (const name of names) {
      if (seen.has(`${source} ${name}`)) throw fail('has the name of another account')
      seen.add(`${source} ${name}`)
    }
    if (!Array.isArray(webhookSecrets) || !webhookSecrets.every(isSecret))
      throw fail(`needs webhookSecrets as a list of texts of at least ${secretLengthMin} characters`)
    if (typeof notificationUrl !== 'string' || (notificationUrl !== '' && !URL.canParse(notificationUrl)))
      throw fail('needs notificationUrl as an address')
    const place = `sourceAccounts[${index}].webhookSecrets`
    const secrets = webhookSecrets.map((secret) => new Secret(readSecret(place, secret)))
    return { source, account, names, secrets, notificationUrl, storeOf: storeMap(entry, fail) }
  })
}

function storeMap(entry: Record<string, unknown>, fail: (what: string) => Problem): ConnectedAccount['storeOf'] {
  const { locations = {}, onlineStore } = entry
  if (locations === null || typeof locations !== 'object' || Array.isArray(locations))
    throw fail('needs locations as an object of location and store')
  const stores = new Map<string, string>()
  for (const [location, store] of Object.entries(locations)) {
    if (typeof store !== 'string' || !isIdentifier(store)) throw fail('has a location without a store')
    stores.set(location, store)
  }
  if (onlineStore !== undefined && !(typeof onlineStore === 'string' && isIdentifier(onlineStore)))
    throw fail('needs onlineStore as a store')
  return (location) => (location === undefined ? onlineStore : stores.get(location))
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= 128
}

function isSecret(value: unknown): value is string {
  return typeof value === 'string' && value.length >= secretLengthMin
}
