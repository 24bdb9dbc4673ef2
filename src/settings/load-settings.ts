import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { Problem } from '../contract/problem.ts'
import { readBusTls } from './bus-tls.ts'
import type { ValueOf } from './definition.ts'
import { definitions, type SettingName } from './definitions.ts'
import { nearest } from './nearest.ts'
import { isNetwork } from './network.ts'
import { type Origin, readValue } from './read-value.ts'

/** All settings of an installation, typed, bounded, with their defaults. */
export type Settings = { [Name in SettingName]: ValueOf<(typeof definitions)[Name]> }

export interface LoadOptions {
  environment?: NodeJS.ProcessEnv
  /** Settings file; default TILLFLOW_SETTINGS_FILE, else `tillflow.json` in the working directory where it exists. */
  file?: string
  /** From flags; they win over everything. */
  overrides?: Partial<Record<SettingName, unknown>>
}

export interface LoadedSettings {
  settings: Settings
  origins: Record<SettingName, Origin>
}

const names = Object.keys(definitions) as SettingName[]
/** Variables of the environment that are no settings. */
const otherVariables = new Set([
  'TILLFLOW_SETTINGS_FILE',
  'TILLFLOW_TOKEN',
  'TILLFLOW_TEST_DATABASE_URL',
  'TILLFLOW_DELIVERY_PROCESS',
])

/** `deliveryLeaseMs` is `TILLFLOW_DELIVERY_LEASE_MS`. */
export function variableOf(name: string): string {
  return `TILLFLOW_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`
}

/** Reads settings: flag, then environment, then file, then default. A name that nobody knows is an error, not a silence. */
export function loadSettings(options: LoadOptions = {}): LoadedSettings {
  const { environment = process.env, overrides = {} } = options
  const file = readSettingsFile(options.file ?? environment.TILLFLOW_SETTINGS_FILE)
  refuseUnknown(Object.keys(file), names, 'the settings file')
  const variables = new Map(names.map((name) => [variableOf(name), name]))
  const ours = Object.keys(environment).filter((name) => name.startsWith('TILLFLOW_') && !otherVariables.has(name))
  refuseUnknown(ours, [...variables.keys()], 'the environment')

  const settings: Record<string, unknown> = {}
  const origins: Record<string, Origin> = {}
  for (const name of names) {
    const layers: [Origin, unknown][] = [
      ['flag', overrides[name]],
      ['environment', environment[variableOf(name)]],
      ['file', file[name]],
      ['default', definitions[name].default],
    ]
    const [origin, raw] = layers.find(([, value]) => value !== undefined) ?? ['default', undefined]
    settings[name] = readValue(name, definitions[name], raw)
    origins[name] = origin
  }
  const loaded = { settings, origins } as LoadedSettings
  checkTogether(loaded.settings)
  return loaded
}

function readSettingsFile(path: string | undefined): Record<string, unknown> {
  const file = resolve(path ?? 'tillflow.json')
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (path === undefined && (error as NodeJS.ErrnoException).code === 'ENOENT') return {}
    throw new Problem('settings-invalid', `The settings file ${file} cannot be read.`, { cause: error })
  }
  try {
    const value: unknown = JSON.parse(text)
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (error) {
    throw new Problem('settings-invalid', `The settings file ${file} is not JSON.`, { cause: error })
  }
  throw new Problem('settings-invalid', `The settings file ${file} is not a JSON object.`)
}

function refuseUnknown(given: readonly string[], known: readonly string[], place: string): void {
  for (const name of given) {
    if (known.includes(name)) continue
    const hint = nearest(name, known)
    throw new Problem(
      'settings-invalid',
      `There is no setting ${name} (in ${place})${hint ? `. Did you mean ${hint}?` : '.'}`,
    )
  }
}

function checkTogether(settings: Settings): void {
  // Not left to the driver: its error would carry the whole address, password included.
  if (!settings.databaseUrl.isEmpty && !URL.canParse(settings.databaseUrl.reveal())) {
    throw new Problem('settings-invalid', 'databaseUrl must be postgres://user:password@host:port/name.')
  }
  if (!settings.trustedProxies.every(isNetwork)) {
    throw new Problem('settings-invalid', 'trustedProxies must be networks as address/bits, and not the whole world.')
  }
  if (['kafka', 'rabbitmq'].includes(settings.busEngine) && settings.busUrl.isEmpty) {
    throw new Problem('settings-invalid', `busUrl must name the broker where busEngine is ${settings.busEngine}.`)
  }
  readBusTls(settings)
  if (settings.busReplicasCount > 0 && settings.busEngine !== 'kafka') {
    throw new Problem('settings-invalid', 'busReplicasCount is for busEngine kafka.')
  }
  if (settings.deliveryFeed === 'bus' && !['kafka', 'postgres'].includes(settings.busEngine)) {
    throw new Problem(
      'settings-invalid',
      `deliveryFeed: a bus that brings events needs partitions, so busEngine must be kafka or postgres, not ${settings.busEngine}.`,
    )
  }
  if (settings.deliveryBackoffBaseMs > settings.deliveryBackoffMaxMs) {
    throw new Problem('settings-invalid', 'deliveryBackoffBaseMs must be at most deliveryBackoffMaxMs.')
  }
  if (settings.deliveryAttemptTimeoutMs * 2 > settings.deliveryLeaseMs) {
    throw new Problem('settings-invalid', 'deliveryAttemptTimeoutMs must be at most half of deliveryLeaseMs.')
  }
}
