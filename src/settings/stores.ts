import { Problem } from '../contract/problem.ts'
import { currencyExponent } from '../domain/currency.ts'
import { parseDecimal } from '../domain/decimal.ts'
import type { StoreProfile } from '../domain/store.ts'
import { isTimeZone } from '../domain/time.ts'
import type { Settings } from './load-settings.ts'

const names = new Set<string>([
  'businessUnitId',
  'timeZone',
  'currency',
  'businessDayStartsAt',
  'smallestCoin',
  'numbersRestartDaily',
  'taxRounding',
  'approvalLimit',
] satisfies (keyof StoreProfile)[])

/** The profiles of all stores: what is listed in the settings, the defaults for every other. Throws where a profile is wrong. */
export function storeDirectory(settings: Settings): (businessUnitId: string) => StoreProfile {
  const defaults: Omit<StoreProfile, 'businessUnitId'> = {
    timeZone: settings.defaultTimeZone,
    currency: settings.defaultCurrency,
    businessDayStartsAt: settings.businessDayStartsAt,
    numbersRestartDaily: false,
    taxRounding: 'TOTAL',
  }
  checkProfile('the defaults', { ...defaults, businessUnitId: 'default' })
  const listed = new Map<string, StoreProfile>()
  for (const [index, store] of settings.stores.entries()) {
    const unknown = Object.keys(store).find((name) => !names.has(name))
    if (unknown !== undefined) throw invalid(`stores[${index}]`, `has no field ${unknown}`)
    const profile = { ...defaults, ...store } as StoreProfile
    checkProfile(`stores[${index}]`, profile)
    listed.set(profile.businessUnitId, profile)
  }
  const others = new Map<string, StoreProfile>()
  return (businessUnitId) => {
    const known = listed.get(businessUnitId) ?? others.get(businessUnitId)
    if (known) return known
    const profile = { ...defaults, businessUnitId }
    if (others.size < 10_000) others.set(businessUnitId, profile)
    return profile
  }
}

function checkProfile(place: string, profile: StoreProfile): void {
  if (typeof profile.businessUnitId !== 'string') throw invalid(place, 'needs a businessUnitId')
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
