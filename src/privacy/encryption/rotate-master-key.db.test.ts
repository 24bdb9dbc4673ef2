import { createSecretKey, type KeyObject, randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { silentLogger } from '../../contract/logger.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import { createReferences } from '../references.ts'
import { type KeyWrapping, wrapWithMasterKey } from './key-wrapping.ts'
import { openReferences, openVault } from './open-vault.ts'
import { rotateMasterKey } from './rotate-master-key.ts'

const makeKey = () => createSecretKey(randomBytes(32))
const plain = Buffer.from('a receipt')
let database: Awaited<ReturnType<typeof createTestDatabase>>

beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

const open = (masterKey: KeyObject | KeyWrapping) => openVault({ pool: database.pool, masterKey, logger: silentLogger })

it('keeps what was sealed, whom it finds, and under which names values leave, through kills and a second rotation', async () => {
  const [first, second, third] = [makeKey(), makeKey(), makeKey()]
  const before = await open(first)
  const records = Array.from({ length: 1_200 }, (_, n) => ({ plain, associatedData: `${n}`, subject: `customer:${n}` }))
  const sealed = await before.sealAll(records)
  await before.destroySubject('customer:7')
  const [from, to] = [wrapWithMasterKey(first), wrapWithMasterKey(second)]

  let wraps = 0
  const dying: KeyWrapping = {
    ...to,
    wrap: async (key, context) => {
      wraps += 1
      if (wraps > 700) throw new Error('killed')
      return to.wrap(key, context)
    },
  }
  await expect(rotateMasterKey(database.pool, { from, to: dying })).rejects.toThrow('killed')
  // Half of the keys are under one, half under the other: nobody may begin to work.
  for (const key of [first, second]) await expect(open(key)).rejects.toMatchObject({ code: 'key-rotation-unfinished' })
  const other = wrapWithMasterKey(third)
  await expect(rotateMasterKey(database.pool, { from, to: other })).rejects.toMatchObject({
    code: 'key-rotation-unfinished',
  })

  const rest = await rotateMasterKey(database.pool, { from, to })
  expect(rest).toMatchObject({ changed: true })
  expect(rest.rewrapped).toBeLessThan(1_000)
  await expect(open(first)).rejects.toMatchObject({ code: 'settings-invalid' })
  const after = await open(second)
  const opened = await Promise.all(
    sealed.map((one, n) => after.open(one, `${n}`).then(String, (error: { code: string }) => error.code)),
  )
  expect(opened[7]).toBe('sealed-data-destroyed')
  expect(opened.filter((text) => text === 'a receipt')).toHaveLength(1_199)
  expect(after.references('customer', '1')).toBe(before.references('customer', '1'))
  expect(after.indexOf('customer:1')).toEqual(before.indexOf('customer:1'))
  expect(after.fingerprint(plain)).toEqual(before.fingerprint(plain))
  // A known subject keeps its key.
  const again = await after.seal({ plain, associatedData: '1', subject: 'customer:1' })
  expect(again.keyId).toBe(sealed[1]?.keyId)

  expect(await rotateMasterKey(database.pool, { from, to })).toEqual({ rewrapped: 0, changed: false })
  await rotateMasterKey(database.pool, { from: to, to: other })
  expect((await open(third)).references('customer', '1')).toBe(before.references('customer', '1'))
  expect((await openReferences(database.pool, third))('loyalty', 'x')).toBe(before.references('loyalty', 'x'))
})

it('refuses an old key that is not the one', async () => {
  const [wrong, to] = [wrapWithMasterKey(makeKey()), wrapWithMasterKey(makeKey())]
  await expect(rotateMasterKey(database.pool, { from: wrong, to })).rejects.toMatchObject({ code: 'settings-invalid' })
})

it('leaves an installation of before with the references that it gave out', async () => {
  const older = await createTestDatabase()
  try {
    const masterKey = makeKey()
    const { check } = wrapWithMasterKey(masterKey)
    await older.pool.query('insert into vault_check (key_check) values ($1)', [check])
    const vault = await openVault({ pool: older.pool, masterKey, logger: silentLogger })
    expect(vault.references('customer', '1')).toBe(createReferences(masterKey)('customer', '1'))
  } finally {
    await older.drop()
  }
})

it('is sealed by whoever can wrap and unwrap: a key management service in the place of the master key', async () => {
  const service = await createTestDatabase()
  try {
    const inside = wrapWithMasterKey(makeKey())
    const calls: string[] = []
    const { derived: _, ...methods } = inside
    const kms: KeyWrapping = {
      ...methods,
      wrap: async (key, context) => {
        calls.push('wrap')
        return Buffer.concat([Buffer.from('kms:'), await inside.wrap(key, context)])
      },
      unwrap: async (wrapped, context) => inside.unwrap(wrapped.subarray(4), context),
    }
    const vault = await openVault({ pool: service.pool, masterKey: kms, logger: silentLogger })
    const sealed = await vault.seal({ plain, associatedData: 'a', subject: 'customer:1' })
    const again = await openVault({ pool: service.pool, masterKey: kms, logger: silentLogger })
    expect(await again.open(sealed, 'a')).toEqual(plain)
    expect(calls.length).toBeGreaterThan(2)
  } finally {
    await service.drop()
  }
})
