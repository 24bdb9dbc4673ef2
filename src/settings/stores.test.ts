import { describe, expect, it } from 'vitest'
import { loadSettings } from './load-settings.ts'
import { storeDirectory } from './stores.ts'

const directoryOf = (overrides: Record<string, unknown>) =>
  storeDirectory(loadSettings({ environment: {}, overrides }).settings)

describe('the directory of stores', () => {
  it('gives a listed store its own profile and the defaults for the rest', () => {
    const store = directoryOf({
      defaultTimeZone: 'Europe/Berlin',
      businessDayStartsAt: '04:00',
      stores: [{ businessUnitId: '9', currency: 'CHF', smallestCoin: '0.05', legalEntity: 'Shop AG', region: 'north' }],
    })
    expect(store('9')).toEqual({
      businessUnitId: '9',
      timeZone: 'Europe/Berlin',
      currency: 'CHF',
      businessDayStartsAt: '04:00',
      smallestCoin: '0.05',
      legalEntity: 'Shop AG',
      region: 'north',
      numbersRestartDaily: false,
      taxRounding: 'TOTAL',
    })
    expect(store('10')).toMatchObject({ businessUnitId: '10', currency: 'EUR' })
  })

  it('does not take a store for a property of objects', () => {
    expect(directoryOf({})('constructor')).toMatchObject({ businessUnitId: 'constructor', currency: 'EUR' })
  })

  it.each([
    [{ defaultTimeZone: 'Mars/Base' }, 'defaultTimeZone must be an IANA time zone'],
    [{ defaultCurrency: 'ZZZ' }, 'defaultCurrency must be a current ISO 4217 code'],
    [{ stores: [{ timeZone: 'UTC' }] }, 'stores[0] needs a businessUnitId'],
    [{ stores: [{ businessUnitId: '1' }, { businessUnitId: '2', zone: 'UTC' }] }, 'stores[1] has no field zone'],
    [{ stores: [{ businessUnitId: '1', toString: 1 }] }, 'stores[0] has no field toString'],
    [{ stores: [{ businessUnitId: '1', timeZone: 'Nowhere' }] }, 'stores[0] has an unknown IANA timeZone'],
    [{ stores: [{ businessUnitId: '1', currency: 'XXY' }] }, 'stores[0] has an unknown currency'],
    [{ stores: [{ businessUnitId: '1', businessDayStartsAt: '4' }] }, 'stores[0] needs businessDayStartsAt as HH:MM'],
    [{ stores: [{ businessUnitId: '1', smallestCoin: '0' }] }, 'stores[0] needs smallestCoin as a decimal string'],
    [{ stores: [{ businessUnitId: '1', approvalLimit: 5 }] }, 'stores[0] needs approvalLimit as a decimal string'],
    [{ stores: [{ businessUnitId: '1', region: '' }] }, 'stores[0] needs region as a text'],
    [{ stores: [{ businessUnitId: '1', legalEntity: 7 }] }, 'stores[0] needs legalEntity as a text'],
    [{ stores: [{ businessUnitId: '1', taxRounding: 'X' }] }, 'stores[0] needs taxRounding as LINE or TOTAL'],
    [{ stores: [{ businessUnitId: '1' }, { businessUnitId: '1' }] }, 'stores[1] lists a store again'],
  ])('refuses %j', (overrides, complaint) => {
    expect(() => directoryOf(overrides)).toThrow(complaint)
  })
})
