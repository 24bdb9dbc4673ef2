import type { Connector, ConnectorSetting, ConnectorSettings } from '../contract/connector.ts'
import { Problem } from '../contract/problem.ts'

const textLengthMax = 4096

/**
 * A target's settings checked against its connector, with defaults filled in. Throws the Problem `settings-invalid` with the
 * name of the setting and what it must be; a value, secret or not, is never repeated.
 */
export function validateConnectorSettings(connector: Connector, settings: object): ConnectorSettings {
  const given = new Map<string, unknown>(Object.entries(settings))
  const known = new Set(connector.settings.map((setting) => setting.name))
  for (const name of given.keys()) {
    if (!known.has(name)) {
      throw new Problem('settings-invalid', `The connector ${connector.name} takes only ${[...known].join(', ')}.`)
    }
  }
  const checked: ConnectorSettings = {}
  for (const setting of connector.settings) {
    const value = given.get(setting.name) ?? setting.default
    if (value === undefined || value === '') {
      if (setting.required) throw refuse(connector, setting, 'is missing')
      continue
    }
    checked[setting.name] = checkValue(connector, setting, value)
  }
  return checked
}

function checkValue(connector: Connector, setting: ConnectorSetting, value: unknown): string | number | boolean {
  const rule = ruleOf(setting)
  switch (setting.kind) {
    case 'boolean':
      if (typeof value === 'boolean') return value
      break
    case 'integer': {
      const { minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER } = setting
      if (Number.isSafeInteger(value) && Number(value) >= minimum && Number(value) <= maximum) return Number(value)
      break
    }
    case 'choice':
      if (typeof value === 'string' && setting.choices?.includes(value)) return value
      break
    case 'url':
      if (typeof value === 'string' && value.length <= textLengthMax && URL.canParse(value)) return value
      break
    default:
      if (typeof value === 'string' && value.length <= textLengthMax && !hasControlCharacter(value)) return value
  }
  throw refuse(connector, setting, `must be ${rule}`)
}

function ruleOf(setting: ConnectorSetting): string {
  switch (setting.kind) {
    case 'boolean':
      return 'true or false'
    case 'integer': {
      const { minimum = '', maximum = '', unit } = setting
      const bounds = minimum === '' && maximum === '' ? '' : ` from ${minimum} to ${maximum}`
      return `a whole number${bounds}${unit ? ` ${unit}` : ''}`
    }
    case 'choice':
      return `one of ${(setting.choices ?? []).join(', ')}`
    case 'url':
      return 'a URL'
    default:
      return `text without control characters, at most ${textLengthMax} characters`
  }
}

function hasControlCharacter(text: string): boolean {
  for (const character of text) {
    const code = character.charCodeAt(0)
    if (code < 0x20 || code === 0x7f) return true
  }
  return false
}

function refuse(connector: Connector, setting: ConnectorSetting, what: string): Problem {
  return new Problem('settings-invalid', `The setting ${setting.name} of the connector ${connector.name} ${what}.`)
}
