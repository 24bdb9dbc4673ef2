import type { FastifyInstance } from 'fastify'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { systemClock } from '../../src/contract/clock.ts'
import { silentLogger } from '../../src/contract/logger.ts'
import { apiTokens } from '../../src/http/auth/api-tokens.ts'
import type { Scope } from '../../src/http/auth/scopes.ts'
import { createToken, createTokenStore } from '../../src/http/auth/token-store.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { addHold } from '../../src/privacy/erasure/holds.ts'
import { readSubject } from '../../src/privacy/erasure/subject.ts'
import { sources } from '../../src/sources/index.ts'
import { createTestDatabase } from '../../src/testing/database/test-database.ts'
import type { TestDatabase } from '../../src/testing/database/test-server.ts'
import { testStore } from '../../src/testing/receipts.ts'
import { watchAnswers } from '../declared-answers.ts'
import { type ErasableHub, openErasableHub } from './erasable-hub.ts'
import { saleTo } from './person.ts'

let database: TestDatabase
let hub: ErasableHub
let server: FastifyInstance
let answers: Awaited<ReturnType<typeof watchAnswers>>
const tokens: Record<string, string> = {}

beforeAll(async () => {
  database = await createTestDatabase()
  hub = await openErasableHub(database.pool)
  server = createHttpServer({
    intake: hub.intake,
    sources,
    readContext: { store: () => testStore },
    authenticate: [apiTokens(createTokenStore(database.pool, systemClock))],
    limits: {
      requestTimeoutMs: 5_000,
      requestBodyMaxBytes: 65_536,
      batchBodyMaxBytes: 262_144,
      batchLinesMax: 20,
      sourceBodyMaxBytes: 262_144,
    },
    logger: silentLogger,
    health: { ready: async () => ({ ready: true, checks: {} }) },
    subjects: hub.house,
  })
  answers = await watchAnswers(server)
  for (const scope of ['privacy:write', 'admin:write'] satisfies Scope[])
    tokens[scope] = (await createToken(database.pool, { name: scope, scopes: [scope] })).token
})
afterAll(async () => {
  await server?.close()
  await hub?.close()
  await database?.drop()
})

function ask(method: 'GET' | 'POST', url: string, body?: unknown, token = tokens['privacy:write']) {
  return server.inject({
    method,
    url,
    headers: { authorization: `Bearer ${token}`, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { payload: JSON.stringify(body) }),
  })
}

it('erases by a body, tells how far it is, and never says the name', async () => {
  await hub.send(saleTo(1, { customerId: 'C-API-1' }))
  const request = { subject: 'customer:C-API-1', reason: 'asked by C-API-1' }
  const preview = await ask('POST', '/v1/subjects/preview-erasure', { subject: request.subject })
  expect(preview.json()).toMatchObject({ records: 1 })
  const answer = await ask('POST', '/v1/subjects/erase', request)
  expect(answer.statusCode).toBe(202)
  expect(answer.body).not.toContain('C-API-1')
  const { erasureId, reference } = answer.json()
  expect(answer.json()).toMatchObject({ reason: `asked by ${reference}`, kept: [{ reason: 'fiscal-retention' }] })
  const read = await ask('GET', String(answer.headers.location))
  expect(read.json()).toMatchObject({ erasureId, state: 'finished' })
})

it.each([
  ['another scope', { subject: 'customer:1', reason: 'x' }, 'admin:write', 403, 'permission-missing'],
  ['no name of a person', { subject: 'nobody', reason: 'x' }, 'privacy:write', 422, 'unknown-subject'],
  ['no reason', { subject: 'customer:1' }, 'privacy:write', 422, 'request-invalid'],
])('refuses %s', async (_, body, scope, status, code) => {
  const answer = await ask('POST', '/v1/subjects/erase', body, tokens[scope])
  expect([answer.statusCode, answer.json().code]).toEqual([status, code])
})

it('refuses who is held, and an erasure that is none', async () => {
  const subject = readSubject('customer:C-API-2')
  await addHold(hub.house, { subject, reason: 'lawsuit', actor: 'cli:test' })
  const answer = await ask('POST', '/v1/subjects/erase', { subject: subject.name, reason: 'asked' })
  expect([answer.statusCode, answer.json().code]).toEqual([409, 'legal-hold'])
  expect((await ask('GET', '/v1/erasures/0f8b1f52-93a4-4b8e-8f6b-2a51c0de9e41')).statusCode).toBe(404)
  expect((await ask('GET', '/v1/erasures/x')).json().code).toBe('unknown-erasure')
})

it('gives the scope to no token of some stores', async () => {
  const making = createToken(database.pool, { name: 'x', scopes: ['privacy:write'], stores: ['9'] })
  await expect(making).rejects.toMatchObject({ code: 'settings-invalid' })
})

it('has answered nothing that the API document does not declare', () => {
  expect(answers.seen).toBeGreaterThan(6)
  expect(answers.complaints).toEqual([])
})
