import { Problem } from '../../contract/problem.ts'
import type { Settings } from '../load-settings.ts'
import { readSecret, readTargetSecrets } from './index.ts'

/** As far as a connector must be known here: which of its settings are secrets. */
export interface SecretSettings {
  name: string
  settings: readonly { name: string; kind: string }[]
}

/** `token`: made by a machine, so it can be long. `password`: chosen at another system, which says how long. */
interface NamedSecret {
  place: string
  text: string
  kind: 'token' | 'password'
}

const tokenBytesMin = 16
const charactersMin = 5

/** What guides, images and examples begin with. */
const wellKnown =
  /^(admin|administrator|change|changeme|default|demo|example|guest|letmein|me|my|pass|passw|password|postgres|qwerty|rabbitmq|root|secret|test|tillflow|token|toor|tryton|webhook|your)+$/

/** The places of secrets that are short or that everybody knows. Throws Problem `settings-invalid` where one cannot be read. */
export function findWeakSecrets(settings: Settings, connectors: readonly SecretSettings[]): string[] {
  const named = [
    ...keys(settings),
    ...passwords(settings),
    ...webhookSecrets(settings),
    ...targets(settings, connectors),
  ]
  return named.flatMap(({ place, text, kind }) => {
    if (isWellKnown(text)) return [`${place} is one that everybody knows`]
    const isShort = kind === 'token' && Buffer.byteLength(text) < tokenBytesMin
    return isShort ? [`${place} has fewer than ${tokenBytesMin} bytes`] : []
  })
}

/** Throws Problem `secret-too-weak` with the places, outside an evaluation. */
export function refuseWeakSecrets(settings: Settings, connectors: readonly SecretSettings[]): void {
  const weak = settings.evaluation ? [] : findWeakSecrets(settings, connectors)
  if (weak.length > 0) throw new Problem('secret-too-weak', `${weak.join('; ')}.`)
}

/** Words alone or many times, with whatever digits and signs between, and what is one character over and over. */
function isWellKnown(text: string): boolean {
  const letters = text.toLowerCase().replace(/[^a-z]/g, '')
  return wellKnown.test(letters) || /^(0?123456789?0?)+$/.test(text) || new Set(text).size < charactersMin
}

function keys({ masterKey, signInClientSecret }: Settings): NamedSecret[] {
  return Object.entries({ masterKey, signInClientSecret })
    .filter(([, secret]) => !secret.isEmpty)
    .map(([place, secret]) => ({ place, text: secret.reveal(), kind: 'token' }))
}

/** On the machine itself a server keeps its first password for whoever is there already. */
function passwords({ databaseUrl, busUrl }: Settings): NamedSecret[] {
  const urls: [place: string, url: string][] = [
    ['databaseUrl', databaseUrl.reveal()],
    ...busUrl
      .reveal()
      .split(',')
      .map((url): [string, string] => ['busUrl', url]),
  ]
  return urls.flatMap(([setting, text]) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (!url?.password || isLoopback(url.hostname)) return []
    return [{ place: `The password in ${setting}`, text: decode(url.password), kind: 'password' }]
  })
}

function isOnThisMachine(url: unknown): boolean {
  return typeof url === 'string' && URL.canParse(url) && isLoopback(new URL(url).hostname)
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(hostname)
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function webhookSecrets({ sourceAccounts }: Settings): NamedSecret[] {
  return sourceAccounts.flatMap(({ webhookSecrets: secrets }, index) =>
    (Array.isArray(secrets) ? secrets : [])
      .filter((secret) => typeof secret === 'string')
      .map((secret): NamedSecret => {
        const place = `A webhook secret of sourceAccounts[${index}]`
        return { place, text: readSecret(place, secret), kind: 'token' }
      }),
  )
}

function targets(settings: Settings, connectors: readonly SecretSettings[]): NamedSecret[] {
  return settings.targets.flatMap((target) => {
    const trials = [target, target.shadow, target.canary].filter((one) => one !== null && typeof one === 'object')
    return trials.flatMap((trial) => {
      const { connector: name = target.connector, settings: own } = trial as Record<string, unknown>
      const connector = connectors.find((one) => one.name === name)
      if (!connector || own === null || typeof own !== 'object') return []
      return secretsOf(String(target.name), connector, own as Record<string, unknown>)
    })
  })
}

function secretsOf(target: string, connector: SecretSettings, own: Record<string, unknown>): NamedSecret[] {
  const names = new Set(connector.settings.filter(({ kind }) => kind === 'secret').map(({ name }) => name))
  const read = readTargetSecrets(target, own, (name) => names.has(name))
  return Object.entries(read).flatMap(([name, text]): NamedSecret[] => {
    if (!names.has(name) || typeof text !== 'string' || text === '') return []
    const kind = name === 'password' ? 'password' : 'token'
    if (kind === 'password' && isOnThisMachine(own.url)) return []
    return [{ place: `The setting ${name} of the target ${target}`, text, kind }]
  })
}
