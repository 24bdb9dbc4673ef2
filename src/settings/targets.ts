import type { ConnectorSettings } from '../contract/connector.ts'
import { Problem } from '../contract/problem.ts'
import { type TransactionType, transactionTypes } from '../domain/transaction/codes.ts'
import type { Settings } from './load-settings.ts'
import { checkGuards, checkTrial } from './target-guards.ts'

/** A target as the settings name it. */
export interface TargetSettings {
  name: string
  connector: string
  settings: ConnectorSettings
  /** The target may have a private or loopback address: an ERP in the retailer's own network. */
  allowPrivateNetwork: boolean
  attemptsMax?: number
  concurrencyMax?: number
  ratePerSecond?: number
  rateBurst?: number
  answerMaxBytes?: number
  shadow?: ConnectionTrial & { name: string }
  canary?: ConnectionTrial & { stores?: string[]; percent?: number }
  strictOrder?: boolean
  whenOriginalMissing?: 'park' | 'deliver'
  holdFindings?: 'none' | 'error'
  transactionTypes?: TransactionType[]
}

/** Another connector, or other settings, for a target that is there already; what is not named is as at the target. */
export interface ConnectionTrial {
  connector?: string
  settings?: ConnectorSettings
}

/** The fields of one entry of `targets`. */
export const targetFields: Record<keyof TargetSettings, string> = {
  name: 'Small letters, digits and hyphens; it stands in metrics and commands. Needed.',
  connector: 'The code that speaks to this system. Needed.',
  settings: "The connector's own settings: address, keys.",
  allowPrivateNetwork:
    'true: the address may be private or loopback, as for an ERP in your own network; default: false.',
  attemptsMax: 'Attempts before an event is parked; default: `deliveryAttemptsMax`.',
  concurrencyMax:
    'Requests on their way at the same time, from all processes together; default: `deliveryConcurrencyMax`.',
  ratePerSecond: 'Requests per second, from all processes together; default: as many as it answers.',
  rateBurst:
    'Requests that may come at once after a rest; at least 1 and a tenth of `ratePerSecond`, rounded up; default: `ratePerSecond`, or that least.',
  answerMaxBytes: 'Bytes of an answer that are read, from 1024 to 16777216; default: 65536.',
  shadow:
    'name, and connector or settings: another translation that runs beside this one, is compared with it and sends nothing.',
  canary:
    'stores or percent, and connector or settings: receipts of these stores go through another connection of the same target.',
  strictOrder: 'true: a parked event holds its whole lane, not only what depends on it; default: false.',
  whenOriginalMissing:
    'park or deliver: what becomes of a return whose sale never came, after `deliveryWaitDeadlineMs`; default: park.',
  holdFindings:
    'error: receipts with a finding of severity error are parked, not delivered; none: they go; default: none.',
  transactionTypes: 'Only these types are delivered, the others skipped; default: everything that can be posted.',
}

/** The targets of the settings, checked. The connector checks its own part when it connects. */
export function targetSettings(settings: Settings): TargetSettings[] {
  const seen = new Set<string>()
  return settings.targets.map((target, index) => {
    const place = `targets[${index}]`
    const fail = (what: string) => new Problem('settings-invalid', `${place} ${what}.`)
    const unknown = Object.keys(target).find((name) => !Object.hasOwn(targetFields, name))
    if (unknown !== undefined) throw fail(`has no field ${unknown}`)
    const { name, connector, settings: own = {}, allowPrivateNetwork = false } = target
    if (typeof name !== 'string' || !/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
      throw fail('needs a name of small letters, digits and hyphens')
    if (seen.has(name)) throw fail(`has the name of another target: ${name}`)
    seen.add(name)
    if (typeof connector !== 'string') throw fail('needs a connector')
    if (own === null || typeof own !== 'object' || Array.isArray(own)) throw fail('needs settings as an object')
    if (typeof allowPrivateNetwork !== 'boolean') throw fail('needs allowPrivateNetwork as true or false')
    checkCount(target.attemptsMax, 'attemptsMax', fail)
    checkCount(target.concurrencyMax, 'concurrencyMax', fail)
    checkGuards(target, fail)
    checkTrial(target.shadow, 'shadow', ['name'], fail)
    checkTrial(target.canary, 'canary', ['stores', 'percent'], fail)
    checkChoice(target.strictOrder, [true, false], 'strictOrder', fail)
    checkChoice(target.whenOriginalMissing, ['park', 'deliver'], 'whenOriginalMissing', fail)
    checkChoice(target.holdFindings, ['none', 'error'], 'holdFindings', fail)
    const types = target.transactionTypes
    const known: readonly unknown[] = transactionTypes
    if (types !== undefined && !(Array.isArray(types) && types.every((one) => known.includes(one)))) {
      throw fail('has a transaction type that does not exist')
    }
    return { ...target, name, connector, settings: own as ConnectorSettings, allowPrivateNetwork } as TargetSettings
  })
}

function checkCount(value: unknown, name: string, fail: (what: string) => Problem): void {
  if (value !== undefined && !(Number.isSafeInteger(value) && Number(value) >= 1))
    throw fail(`needs ${name} as a whole number from 1`)
}

function checkChoice(value: unknown, choices: readonly unknown[], name: string, fail: (what: string) => Problem): void {
  if (value !== undefined && !choices.includes(value)) throw fail(`needs ${name} as ${choices.join(' or ')}`)
}
