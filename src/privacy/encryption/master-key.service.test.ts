import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { loadMasterKey } from './master-key.ts'

let folder: string
let masterKeyFile: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'master-key-'))
  masterKeyFile = join(folder, 'keys', 'master.key')
})
afterEach(() => rm(folder, { recursive: true }))

it('makes a key that only the owner can read, and finds it again', async () => {
  const made = await loadMasterKey({ masterKeyFile })
  expect(made.symmetricKeySize).toBe(32)
  expect((await stat(masterKeyFile)).mode & 0o777).toBe(0o600)
  expect((await loadMasterKey({ masterKeyFile })).equals(made)).toBe(true)
  expect(await readdir(join(folder, 'keys'))).toEqual(['master.key'])
})

it('agrees on one key when several processes start at once', async () => {
  const [first, ...others] = await Promise.all(Array.from({ length: 8 }, () => loadMasterKey({ masterKeyFile })))
  for (const other of others) expect(first?.equals(other)).toBe(true)
})

it('prefers the key that is given, in base64 or hexadecimal, and then makes no file', async () => {
  const bytes = randomBytes(32)
  for (const encoding of ['base64', 'base64url', 'hex'] as const) {
    const key = await loadMasterKey({ masterKey: `${bytes.toString(encoding)}\n`, masterKeyFile })
    expect(key.export()).toEqual(bytes)
  }
  await expect(readFile(masterKeyFile)).rejects.toMatchObject({ code: 'ENOENT' })
})

it.each(['', 'secret', randomBytes(31).toString('base64'), randomBytes(33).toString('base64'), 'x'.repeat(64)])(
  'refuses a key that is not 32 bytes, and does not repeat it',
  async (masterKey) => {
    const refusal = await loadMasterKey({ masterKey, masterKeyFile }).catch((error: unknown) => error)
    expect(refusal).toMatchObject({ code: 'settings-invalid' })
    if (masterKey !== '') expect(String(refusal)).not.toContain(masterKey)
  },
)

it('refuses a file that does not hold a whole key', async () => {
  await writeFile(join(folder, 'cut.key'), randomBytes(16).toString('base64'))
  await expect(loadMasterKey({ masterKeyFile: join(folder, 'cut.key') })).rejects.toMatchObject({
    code: 'settings-invalid',
  })
})
