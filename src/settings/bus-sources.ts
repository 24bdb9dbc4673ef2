import { Problem } from '../contract/problem.ts'
import type { Settings } from './load-settings.ts'

/** An entry of `busSources`. */
export interface BusSourceSettings {
  topic: string
  group: string
  source: string
  account?: string
  stores?: readonly string[]
  foreign?: boolean
}

export const busSourceFields: Record<keyof BusSourceSettings, string> = {
  topic: 'The topic or queue on the bus of the settings. Needed; not the one that the relay publishes to.',
  source: 'The source that reads its messages: tillflow, poslog, shopify, square. Needed.',
  group: 'The consumer group; all hubs of an installation share one. Default: `tillflow`.',
  account: 'The account at the vendor that the messages come from, as in `sourceAccounts`.',
  stores: 'Stores that it may speak for; default: all.',
  foreign:
    'true: somebody else made the topic or queue; nothing is declared, and a queue of RabbitMQ is read by its name. Default: false.',
}

const name = /^[A-Za-z0-9._-]{1,200}$/

/** The topics that are read, checked. Throws Problem `settings-invalid` with the place, never a value. */
export function busSources(settings: Settings, sourceNames: readonly string[]): BusSourceSettings[] {
  if (settings.busSources.length > 0 && settings.busEngine === 'none') {
    throw new Problem('settings-invalid', 'busSources need a busEngine.')
  }
  const isOwn = (topic: string) =>
    topic.startsWith(settings.busTopicPrefix === '' ? 'pos.' : `${settings.busTopicPrefix}.pos.`)
  return settings.busSources.map((entry, index) => {
    const fail = (what: string) => new Problem('settings-invalid', `busSources[${index}] ${what}.`)
    const unknown = Object.keys(entry).find((field) => !Object.hasOwn(busSourceFields, field))
    if (unknown !== undefined) throw fail(`has no field ${unknown}`)
    const { topic, source, group = 'tillflow', account, stores, foreign } = entry
    if (!isName(topic)) throw fail('needs a topic of letters, digits, dots, - and _')
    // What is quarantined is an event too: reading our own events would go round in a circle.
    if (isOwn(topic)) throw fail('names a topic that the relay publishes to')
    if (typeof source !== 'string' || !sourceNames.includes(source))
      throw fail(`needs a source: ${sourceNames.join(', ')}`)
    if (!isName(group)) throw fail('needs a group of letters, digits, dots, - and _')
    if (account !== undefined && typeof account !== 'string') throw fail('needs account as text')
    if (stores !== undefined && !(Array.isArray(stores) && stores.every(isName))) throw fail('needs stores as a list')
    if (foreign !== undefined && typeof foreign !== 'boolean') throw fail('needs foreign as true or false')
    return {
      topic,
      source,
      group,
      ...(account !== undefined && { account }),
      ...(stores !== undefined && { stores }),
      ...(foreign && { foreign }),
    }
  })
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && name.test(value)
}
