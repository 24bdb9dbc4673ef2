import { readFileSync, statSync } from 'node:fs'
import { isAbsolute } from 'node:path'
import type { SecretProvider } from './provider.ts'

const bytesMax = 65_536

/** `file:/run/secrets/name`: as Docker, Kubernetes, systemd and the agents of most managers hand a secret over. */
export const fileProvider: SecretProvider = {
  scheme: 'file',
  form: 'an absolute path',
  isReference: isAbsolute,
  read: (path) => {
    if (statSync(path).size > bytesMax) return undefined
    // Editors and `echo` end a file with a line end that is no part of the secret.
    return readFileSync(path, 'utf8').replace(/\r?\n$/, '')
  },
}
