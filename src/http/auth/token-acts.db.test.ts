import { afterAll, beforeAll, expect, it } from 'vitest'
import { readActs } from '../../audit/acts.ts'
import { createTestDatabase } from '../../testing/database/test-database.ts'
import { createToken, revokeToken } from './token-store.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

it('writes down who made and who revoked a token, what was before and after and why, and nothing of its secret', async () => {
  const { pool } = database
  const till = { name: 'till 3', scopes: ['transactions:write'] as const, stores: ['9'] }
  const { tokenId, token } = await createToken(pool, till, { actor: 'cli:ada', reason: 'new till' })
  const [, prefix = '', secret = ''] = token.split('_')
  expect(await revokeToken(pool, prefix, { actor: 'cli:bob' })).toBe(true)
  expect(await revokeToken(pool, tokenId, { actor: 'cli:bob' })).toBe(true)
  expect(await revokeToken(pool, 'nobody', { actor: 'cli:bob' })).toBe(false)
  const acts = await readActs(pool, `token:${tokenId}`)
  expect(acts).toMatchObject([
    { actor: 'cli:ada', act: 'token.create', reason: 'new till', after: { prefix, ...till, expiresAt: null } },
    { actor: 'cli:bob', act: 'token.revoke', before: { prefix, revokedAt: null } },
  ])
  expect(acts[1]?.after?.revokedAt).toEqual(expect.stringMatching(/^\d{4}-/))
  expect(JSON.stringify(acts)).not.toContain(secret)
})
