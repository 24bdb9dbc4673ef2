import type { Definition } from './definition.ts'
import { definitions, type SettingName } from './definitions.ts'
import { type LoadedSettings, variableOf } from './load-settings.ts'
import type { Origin } from './read-value.ts'
import { Secret } from './secret.ts'

/** One setting as people see it. */
export interface ListedSetting {
  name: string
  group: Definition['group']
  variable: string
  kind: Definition['kind']
  unit: string
  range: string
  default: string
  /** Secrets are redacted. */
  value: string
  origin: Origin
  description: string
}

export function listSettings({ settings, origins }: LoadedSettings): ListedSetting[] {
  return Object.entries<Definition>(definitions).map(([name, definition]) => ({
    name,
    group: definition.group,
    variable: variableOf(name),
    kind: definition.kind,
    unit: definition.kind === 'integer' ? definition.unit : '',
    range: rangeOf(definition),
    default: showDefault(definition),
    value: showValue(settings[name as SettingName]),
    origin: origins[name as SettingName],
    description: definition.description,
  }))
}

/** What values a setting takes, in words; empty where anything goes. */
export function rangeOf(definition: Definition): string {
  switch (definition.kind) {
    case 'integer':
      return `${definition.minimum} to ${definition.maximum}`
    case 'choice':
    case 'words':
      return definition.choices.join(', ')
    case 'string':
    case 'texts':
    case 'secret':
      return definition.form ?? ''
    default:
      return ''
  }
}

export function showDefault(definition: Definition): string {
  return show(definition.default)
}

function showValue(value: unknown): string {
  if (value instanceof Secret) return value.isEmpty ? '' : String(value)
  // Targets hold secrets of their own; their number says enough here.
  if (Array.isArray(value) && value.some((one) => typeof one === 'object')) return `${value.length} listed`
  return show(value)
}

function show(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value)
}
