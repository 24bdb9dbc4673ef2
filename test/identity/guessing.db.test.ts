import { afterAll, beforeAll, expect, it } from 'vitest'
import { inProcessFetch } from '../../src/http/auth/sign-in/provider-fetch.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import { startTestApi, type TestApi } from './api.ts'

const failuresPerMinute = 5

let database: Awaited<ReturnType<typeof createTestDatabase>>
let api: TestApi
beforeAll(async () => {
  database = await createTestDatabase()
  api = await startTestApi(database, { failedCredentialsPerMinute: failuresPerMinute })
})
afterAll(async () => {
  await api.close()
  await database.drop()
})

const ask = async () => {
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'nobody' }).toString()
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await api.pool.request({ method: 'POST', path: '/oauth/token', headers, body })
  await answer.body.dump()
  return answer.statusCode
}

it('lets an address wait that asks the authorization server with wrong credentials again and again', async () => {
  const statuses: number[] = []
  for (let index = 0; index < failuresPerMinute + 2; index += 1) statuses.push(await ask())
  expect(statuses).toEqual([...Array.from({ length: failuresPerMinute }, () => 401), 429, 429])
  // The hub itself is looked at: its pages ask the authorization server within the process.
  const own = inProcessFetch(
    () => api.server,
    () => api.address,
  )
  const body = new URLSearchParams({ grant_type: 'client_credentials', client_id: 'nobody' })
  const headers = { 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await own(`${api.address}/oauth/token`, { method: 'POST', headers, body, redirect: 'manual' })
  expect(answer.status).toBe(401)
  // What asks for no credentials is answered.
  const keys = await api.pool.request({ method: 'GET', path: '/oauth/jwks' })
  await keys.body.dump()
  expect(keys.statusCode).toBe(200)
})
