import { Problem } from '../contract/problem.ts'
import type { Definition } from './definition.ts'
import { Secret } from './secret.ts'
import { readSecret } from './secrets/index.ts'

/** Where a value came from. */
export type Origin = 'default' | 'file' | 'environment' | 'flag'

/** Reads and bounds one value. Throws Problem `settings-invalid` with the name, the unit and the range, never the value. */
export function readValue(name: string, definition: Definition, raw: unknown): unknown {
  const fail = (what: string) => new Problem('settings-invalid', `${name} ${what}.`)
  switch (definition.kind) {
    case 'integer': {
      const value = typeof raw === 'string' && /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw
      const { minimum, maximum, unit } = definition
      if (!Number.isSafeInteger(value) || Number(value) < minimum || Number(value) > maximum) {
        throw fail(`must be a whole number from ${minimum} to ${maximum} (${unit})`)
      }
      return value
    }
    case 'boolean': {
      if (raw === true || raw === 'true' || raw === '1') return true
      if (raw === false || raw === 'false' || raw === '0') return false
      throw fail('must be true or false')
    }
    case 'choice': {
      if (typeof raw === 'string' && definition.choices.includes(raw)) return raw
      throw fail(`must be one of ${definition.choices.join(', ')}`)
    }
    case 'words': {
      const words = typeof raw === 'string' ? raw.split(',').map((word) => word.trim()) : raw
      if (Array.isArray(words) && words.length > 0 && words.every((word) => definition.choices.includes(word)))
        return words
      throw fail(`must be one or more of ${definition.choices.join(', ')}, separated by commas`)
    }
    case 'texts': {
      const texts = typeof raw === 'string' ? raw.split(',').map((text) => text.trim()) : raw
      const list = Array.isArray(texts) && texts.length === 1 && texts[0] === '' ? [] : texts
      if (Array.isArray(list) && list.every((text) => typeof text === 'string' && fits(definition, text))) return list
      throw fail(`must be a list: ${definition.form}`)
    }
    case 'objects': {
      const list = typeof raw === 'string' ? parseList(raw) : raw
      if (Array.isArray(list) && list.every((one) => one !== null && typeof one === 'object' && !Array.isArray(one)))
        return list
      throw fail('must be a list of objects (in the environment: as JSON)')
    }
    case 'secret': {
      if (raw instanceof Secret) return raw
      const text = typeof raw === 'string' ? readSecret(name, raw) : undefined
      if (text !== undefined && (text === '' || fits(definition, text))) return new Secret(text)
      throw fail(`must be ${definition.form ?? 'text'}`)
    }
    case 'string': {
      if (typeof raw === 'string' && fits(definition, raw)) return raw
      throw fail(`must be ${definition.form ?? 'text'}`)
    }
  }
}

function fits({ pattern }: { pattern?: RegExp }, text: string): boolean {
  return pattern === undefined || pattern.test(text)
}

function parseList(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
