import { hash } from 'node:crypto'
import type { Vault } from '../../src/privacy/encryption/vault.ts'

/** Keeps everything in clear, under the number of a key that it never uses: what intake would cost without encryption. */
export function unprotectedVault(vault: Vault): Vault {
  const inClear: Pick<Vault, 'seal' | 'sealAll' | 'sealTogether' | 'indexOf'> = {
    seal: async ({ plain }) => ({ keyId: '1', bytes: Buffer.from(plain) }),
    sealAll: async (records) => records.map(({ plain }) => ({ keyId: '1', bytes: Buffer.from(plain) })),
    sealTogether: async (records, write) => {
      const inClear = records.map(({ plain }) => ({ keyId: '1', offer: undefined, bytes: Buffer.from(plain) }))
      const written = await write({ records: inClear, offered: [], wrapping: Buffer.alloc(16) })
      if (!written) throw new Error('nothing was offered that somebody else could have made')
      return written.result
    },
    indexOf: (subject) => hash('sha256', subject, 'buffer'),
  }
  return Object.assign(Object.create(vault) as Vault, inClear)
}
