import type { ReadContext, Source, SourceAccount } from '../contract/source.ts'
import type { StorePlan } from '../simulator/retailer/store-plan.ts'

/** The account at a vendor that sells for a country's stores, in the form of `sourceAccounts`. */
function accountOf(source: Source, country: string, plans: readonly StorePlan[]): object {
  const stores = plans.filter((plan) => plan.country === country).map(({ profile }) => profile.businessUnitId)
  const locations = Object.fromEntries(stores.map((store) => [store, store]))
  return { source: source.name, account: accountName(country), locations }
}

function accountName(country: string): string {
  return `${country.toLowerCase()}.simulated.example`
}

function sellsThroughAccounts({ features }: Source): boolean {
  return features.identity === 'vendor-fact'
}

/** Settings with which a hub knows the simulated stores: their zones, money and coins, and the accounts at a vendor. */
export function settingsFor(source: Source, plans: readonly StorePlan[]): object {
  const countries = [...new Set(plans.map(({ country }) => country))]
  return {
    stores: plans.map(({ profile }) => profile),
    ...(sellsThroughAccounts(source) && {
      sourceAccounts: countries.map((country) => accountOf(source, country, plans)),
    }),
  }
}

/** What a writer is told of a store's world. */
export function writeContextFor(source: Source, plan: StorePlan, plans: readonly StorePlan[]): ReadContext {
  const profiles = new Map(plans.map(({ profile }) => [profile.businessUnitId, profile]))
  const context: ReadContext = { store: (businessUnitId) => profiles.get(businessUnitId) ?? plan.profile }
  if (!sellsThroughAccounts(source)) return context
  const account: SourceAccount = {
    account: accountName(plan.country),
    storeOf: (location) => (location !== undefined && profiles.has(location) ? location : undefined),
  }
  return { ...context, account }
}
