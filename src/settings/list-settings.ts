import type { Definition } from './definition.ts'
import { definitions, type SettingName } from './definitions.ts'
import { type LoadedSettings, variableOf } from './load-settings.ts'
import type { Origin } from './read-value.ts'
import { Secret } from './secret.ts'

/** One setting as people see it. */
export interface ListedSetting {
  name: string
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
    variable: variableOf(name),
    kind: definition.kind,
    unit: definition.kind === 'integer' ? definition.unit : '',
    range: rangeOf(definition),
    default: show(definition.default),
    value: showValue(settings[name as SettingName]),
    origin: origins[name as SettingName],
    description: definition.description,
  }))
}

function rangeOf(definition: Definition): string {
  if (definition.kind === 'integer') return `${definition.minimum} to ${definition.maximum}`
  return definition.kind === 'choice' || definition.kind === 'words' ? definition.choices.join(', ') : ''
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
