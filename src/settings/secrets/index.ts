import { Problem } from '../../contract/problem.ts'
import { environmentProvider } from './environment-provider.ts'
import { fileProvider } from './file-provider.ts'
import type { SecretProvider } from './provider.ts'

/** Every place for secrets that this version knows. */
const secretProviders: readonly SecretProvider[] = [fileProvider, environmentProvider]

/**
 * The text of a secret: what a setting says, or what is kept where it points to. `plain:` is for a secret that looks like a
 * reference. Throws Problem `settings-invalid` with the name of the setting, never with a value, a path or what was met there.
 */
export function readSecret(setting: string, text: string): string {
  const [scheme = '', ...rest] = text.split(':')
  const reference = rest.join(':')
  if (rest.length > 0 && scheme === 'plain') return reference
  const provider = rest.length > 0 ? secretProviders.find((one) => one.scheme === scheme) : undefined
  if (!provider) return text
  const fail = (what: string, cause?: unknown) =>
    new Problem('settings-invalid', `${setting} ${what}.`, ...(cause === undefined ? [] : [{ cause }]))
  if (!provider.isReference(reference)) throw fail(`needs ${provider.form} after ${scheme}:`)
  let secret: string | undefined
  try {
    secret = provider.read(reference)
  } catch (cause) {
    throw fail(`points to a secret (${scheme}:) that cannot be read`, cause)
  }
  if (secret === undefined || secret === '') throw fail(`points to a secret (${scheme}:) that is not there`)
  return secret
}

/** The settings of a target with its secrets read. `isSecret` says which of them are. */
export function readTargetSecrets<Value>(
  target: string,
  settings: Readonly<Record<string, Value>>,
  isSecret: (name: string) => boolean,
): Record<string, Value | string> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => {
      const isReadable = isSecret(name) && typeof value === 'string'
      return [name, isReadable ? readSecret(`The setting ${name} of the target ${target}`, value) : value]
    }),
  )
}
