import type { SecretProvider } from './provider.ts'

/** `env:NAME`: a variable of the environment, where the settings file is one for many installations. */
export const environmentProvider: SecretProvider = {
  scheme: 'env',
  form: 'the name of a variable of the environment',
  isReference: (name) => /^[A-Za-z_][A-Za-z0-9_]{0,127}$/.test(name),
  read: (name) => process.env[name],
}
