import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../testing/database/test-database.ts'
import { readActs, recordAct } from './acts.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

describe('acts of people', () => {
  it('are read back by what they were done to, in their order, with texts of bounded length', async () => {
    const { pool } = database
    await recordAct(pool, { actor: 'cli:ada', act: 'target.pause', object: 'target:erp', reason: 'x\0'.repeat(900) })
    await recordAct(pool, { actor: 'cli:ada', act: 'target.pause', object: 'target:shop' })
    await recordAct(pool, { actor: 'token:1', act: 'target.resume', object: 'target:erp', details: { was: 'paused' } })
    const acts = await readActs(pool, 'target:erp')
    expect(acts).toMatchObject([
      { actor: 'cli:ada', act: 'target.pause', reason: 'x'.repeat(500), details: {} },
      { actor: 'token:1', act: 'target.resume', details: { was: 'paused' } },
    ])
    expect(acts[1]).not.toHaveProperty('reason')
  })

  it.each(["update audit_acts set actor = 'nobody'", 'delete from audit_acts', 'truncate audit_acts'])(
    'are never changed: %s',
    async (statement) => {
      await expect(database.pool.query(statement)).rejects.toThrow('append-only')
      expect(await readActs(database.pool, 'target:erp')).toHaveLength(2)
    },
  )

  it('are not there when what they tell of was rolled back', async () => {
    const client = await database.pool.connect()
    await client.query('begin')
    await recordAct(client, { actor: 'cli:ada', act: 'target.drain', object: 'target:crm' })
    await client.query('rollback')
    client.release()
    expect(await readActs(database.pool, 'target:crm')).toEqual([])
  })
})
