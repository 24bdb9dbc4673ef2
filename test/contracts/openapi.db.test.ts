import { afterAll, beforeAll, expect, it } from 'vitest'
import { presentOpenapi } from '../../src/http/openapi/present-openapi.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestHub, type TestHub } from '../bad-input/hub.ts'

let database: Awaited<ReturnType<typeof createTestDatabase>>
let hub: TestHub

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await startTestHub(database.pool)
})
afterAll(async () => {
  await hub.close()
  await database.drop()
})

interface Document {
  paths: Record<string, unknown>
  components: unknown
}

it('is served by a hub to anybody, with the routes that this hub has', async () => {
  const answer = await hub.server.inject('/v1/openapi.json')
  expect(answer.statusCode).toBe(200)
  expect(answer.headers['content-type']).toBe('application/json; charset=utf-8')
  const served = answer.json<Document>()
  const whole = JSON.parse(JSON.stringify(await presentOpenapi())) as Document
  // This hub keeps no files, has no targets, erases nobody, enrols no tills and knows no people.
  const paths = Object.entries(whole.paths).filter(
    ([path]) => !/^\/(auth|v1\/(files|targets|subjects|erasures|tills|machines))/.test(path),
  )
  expect(served).toEqual({ ...whole, paths: Object.fromEntries(paths) })
})
