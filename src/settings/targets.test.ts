import { describe, expect, it } from 'vitest'
import { loadSettings } from './load-settings.ts'
import { targetSettings } from './targets.ts'

const targetsOf = (targets: unknown) =>
  targetSettings(loadSettings({ environment: {}, overrides: { targets } }).settings)

describe('the targets of the settings', () => {
  it('are read from a file as they are from the environment', () => {
    const target = { name: 'erp', connector: 'webhook', settings: { url: 'https://erp.example' }, attemptsMax: 3 }
    const read = { ...target, allowPrivateNetwork: false }
    expect(targetsOf([target])).toEqual([read])
    expect(targetsOf(JSON.stringify([target]))).toEqual([read])
  })

  it.each([
    [{ name: 'ERP', connector: 'w' }, 'targets[0] needs a name'],
    [{ connector: 'w' }, 'targets[0] needs a name'],
    [{ name: 'erp' }, 'targets[0] needs a connector'],
    [{ name: 'erp', connector: 'w', settings: [] }, 'targets[0] needs settings as an object'],
    [{ name: 'erp', connector: 'w', retries: 3 }, 'targets[0] has no field retries'],
    [{ name: 'erp', connector: 'w', constructor: 3 }, 'targets[0] has no field constructor'],
    [{ name: 'erp', connector: 'w', attemptsMax: 0 }, 'targets[0] needs attemptsMax as a whole number from 1'],
    [{ name: 'erp', connector: 'w', strictOrder: 'no' }, 'targets[0] needs strictOrder as true or false'],
    [{ name: 'erp', connector: 'w', whenOriginalMissing: 'drop' }, 'needs whenOriginalMissing as park or deliver'],
    [{ name: 'erp', connector: 'w', transactionTypes: ['SALES'] }, 'has a transaction type that does not exist'],
    [{ name: 'erp', connector: 'w', ratePerSecond: 0 }, 'needs ratePerSecond as a number from 0.01'],
    [{ name: 'erp', connector: 'w', rateBurst: 5 }, 'has a rateBurst and no ratePerSecond'],
    [{ name: 'erp', connector: 'w', ratePerSecond: 100, rateBurst: 10 }, 'needs rateBurst as a whole number from 11'],
    [{ name: 'erp', connector: 'w', answerMaxBytes: 10 }, 'needs answerMaxBytes as a whole number from 1024'],
    [{ name: 'erp', connector: 'w', shadow: {} }, 'needs a connector or settings in shadow'],
    [{ name: 'erp', connector: 'w', shadow: { settings: {} } }, 'needs shadow.name'],
    [{ name: 'erp', connector: 'w', shadow: { name: 'n', connector: 'w', percent: 3 } }, 'has no field shadow.percent'],
    [{ name: 'erp', connector: 'w', canary: { stores: ['1'] } }, 'needs a connector or settings in canary'],
    [{ name: 'erp', connector: 'w', canary: { connector: 'w' } }, 'needs either stores or percent in canary'],
    [
      { name: 'erp', connector: 'w', canary: { connector: 'w', stores: [], percent: 1 } },
      'needs either stores or percent in canary',
    ],
    [{ name: 'erp', connector: 'w', canary: { connector: 'w', percent: 101 } }, 'needs canary.percent as a number'],
    [{ name: 'erp', connector: 'w', canary: { connector: 'w', stores: [1] } }, 'needs canary.stores as a list'],
    [{ name: 'erp', connector: 'w', canary: [] }, 'needs canary as an object'],
    [{ name: 'erp', connector: 'w', allowPrivateNetwork: 1 }, 'needs allowPrivateNetwork as true or false'],
  ])('refuses %j', (target, complaint) => {
    expect(() => targetsOf([target])).toThrow(complaint)
  })

  it('refuses two targets of one name', () => {
    const erp = { name: 'erp', connector: 'webhook' }
    expect(() => targetsOf([erp, erp])).toThrow('targets[1] has the name of another target')
  })
})
