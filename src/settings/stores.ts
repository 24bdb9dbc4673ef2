import { Problem } from '../contract/problem.ts'
import { currencyExponent } from '../domain/currency.ts'
import { parseDecimal } from '../domain/decimal.ts'
import type { StoreProfile } from '../domain/store.ts'
import { isTimeZone } from '../domain/time.ts'
import type { Settings } from './load-settings.ts'

const nameLengthMax = 200

/** The fields of one entry of `stores`; what is left out has the default of the installation. */
export const storeFields: Record<keyof StoreProfile, string> = {
  businessUnitId: 'The store. Needed.',
  legalEntity: 'The company that it belongs to; people may look after all stores of one. Default: none.',
  region: 'The region that it is in; people may look after all stores of one. Default: none.',
  timeZone: 'IANA time zone; default: `defaultTimeZone`.',
  currency: 'ISO 4217 code; default: `defaultCurrency`.',
  businessDayStartsAt: 'Local time, HH:MM, at which a business day begins; default: `businessDayStartsAt`.',
  smallestCoin: 'Decimal string, such as "0.05", to which cash is rounded; default: cash is not rounded.',
  numbersRestartDaily: "Whether the till's numbers begin anew every business day; default: false.",
  taxRounding: 'LINE or TOTAL: where tax is rounded; default: TOTAL.',
  approvalLimit: 'Decimal string: voids and price overrides above it need an approval; default: none.',
}

/** The profiles of all stores: what is listed in the settings, the defaults for every other. Throws where a profile is wrong. */
export function storeDirectory(settings: Settings): (businessUnitId: string) => StoreProfile {
  const defaults = defaultsOf(settings)
  const listed = new Map(listedStores(settings).map((profile) => [profile.businessUnitId, profile]))
  const others = new Map<string, StoreProfile>()
  return (businessUnitId) => {
    const known = listed.get(businessUnitId) ?? others.get(businessUnitId)
    if (known) return known
    const profile = { ...defaults, businessUnitId }
    if (others.size < 10_000) others.set(businessUnitId, profile)
    return profile
  }
}

/** The stores that the settings list. Throws Problem `settings-invalid` where a profile is wrong. */
export function listedStores(settings: Settings): StoreProfile[] {
  checkDefaults(settings)
  const defaults = defaultsOf(settings)
  const listed = new Map<string, StoreProfile>()
  for (const [index, store] of settings.stores.entries()) {
    const unknown = Object.keys(store).find((name) => !Object.hasOwn(storeFields, name))
    if (unknown !== undefined) throw invalid(`stores[${index}]`, `has no field ${unknown}`)
    const profile = { ...defaults, ...store } as StoreProfile
    checkProfile(`stores[${index}]`, profile)
    if (listed.has(profile.businessUnitId)) throw invalid(`stores[${index}]`, 'lists a store again')
    listed.set(profile.businessUnitId, profile)
  }
  return [...listed.values()]
}

function defaultsOf(settings: Settings): Omit<StoreProfile, 'businessUnitId'> {
  return {
    timeZone: settings.defaultTimeZone,
    currency: settings.defaultCurrency,
    businessDayStartsAt: settings.businessDayStartsAt,
    numbersRestartDaily: false,
    taxRounding: 'TOTAL',
  }
}

function checkDefaults({ defaultTimeZone, defaultCurrency }: Settings): void {
  if (!isTimeZone(defaultTimeZone)) throw invalid('defaultTimeZone', 'must be an IANA time zone, such as Europe/Berlin')
  if (currencyExponent(defaultCurrency) === undefined)
    throw invalid('defaultCurrency', 'must be a current ISO 4217 code, such as EUR')
}

function checkProfile(place: string, profile: StoreProfile): void {
  if (typeof profile.businessUnitId !== 'string') throw invalid(place, 'needs a businessUnitId')
  for (const name of ['legalEntity', 'region'] as const) {
    const value = profile[name]
    if (value !== undefined && (typeof value !== 'string' || value.trim() === '' || value.length > nameLengthMax))
      throw invalid(place, `needs ${name} as a text of 1 to ${nameLengthMax} characters`)
  }
  if (typeof profile.timeZone !== 'string' || !isTimeZone(profile.timeZone))
    throw invalid(place, 'has an unknown IANA timeZone')
  if (typeof profile.currency !== 'string' || currencyExponent(profile.currency) === undefined)
    throw invalid(place, 'has an unknown currency')
  if (!/^([01]\d|2[0-3]):[0-5]\d$/.test(String(profile.businessDayStartsAt)))
    throw invalid(place, 'needs businessDayStartsAt as HH:MM')
  if (typeof profile.numbersRestartDaily !== 'boolean')
    throw invalid(place, 'needs numbersRestartDaily as true or false')
  if (profile.taxRounding !== 'LINE' && profile.taxRounding !== 'TOTAL')
    throw invalid(place, 'needs taxRounding as LINE or TOTAL')
  for (const name of ['smallestCoin', 'approvalLimit'] as const) {
    const amount = profile[name]
    if (amount === undefined) continue
    const parsed = typeof amount === 'string' ? parseDecimal(amount) : undefined
    if (!parsed || parsed.unscaled <= 0n) throw invalid(place, `needs ${name} as a decimal string above zero`)
  }
}

function invalid(place: string, what: string): Problem {
  return new Problem('settings-invalid', `${place} ${what}.`)
}
