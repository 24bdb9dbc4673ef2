import { readFileSync } from 'node:fs'
import { Validator } from '@seriousme/openapi-schema-validator'
import Fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { problemCodes } from '../../contract/problem.ts'
import { tillflow } from '../../sources/tillflow/source.ts'
import { makeSale, testStore } from '../../testing/receipts.ts'
import { collectRoutes } from './collect-routes.ts'
import { presentOpenapi } from './present-openapi.ts'

interface Document {
  paths: Record<
    string,
    Record<string, { responses: Record<string, object>; parameters?: { name: string }[]; requestBody?: object }>
  >
  components: { schemas: Record<string, { required?: string[] }> }
}

const document = JSON.parse(JSON.stringify(await presentOpenapi())) as Document

describe('the OpenAPI document', () => {
  it('is one by the schema of OpenAPI 3.1', async () => {
    const validator = new Validator()
    expect(await validator.validate({ ...structuredClone(document) })).toEqual({ valid: true })
    expect(validator.version).toBe('3.1')
    expect((await validator.validate({ ...structuredClone(document), paths: { broken: 1 } })).valid).toBe(false)
  })

  it('is what the reference shows', () => {
    const shown = JSON.parse(readFileSync(new URL('../../../docs/reference/openapi.json', import.meta.url), 'utf8'))
    expect(document).toEqual(shown)
  })

  it('has every route', () => {
    const routes = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method} ${path}`),
    )
    expect(routes).toEqual(
      expect.arrayContaining([
        'post /v1/transactions',
        'post /v1/transactions/batch',
        'post /v1/sources/{source}',
        'post /v1/files',
        'get /v1/files',
        'get /v1/files/{id}',
        'post /v1/files/{id}/resume',
        'post /v1/files/{id}/discard',
        'get /v1/targets',
        'get /v1/targets/{name}/parked',
        'post /v1/targets/{name}/retry',
        'post /v1/targets/{name}/drain',
        'post /v1/targets/{name}/replays',
        'get /v1/targets/{name}/replays/{id}',
        'post /v1/targets/{name}/replays/{id}/abort',
        'get /v1/openapi.json',
        'get /livez',
        'get /readyz',
        'get /metrics',
      ]),
    )
  })

  it('describes the bodies of acts by the schemas that they are read by', () => {
    const bodyOf = (path: string) => document.paths[path]?.post?.requestBody
    expect(bodyOf('/v1/targets/{name}/pause')).toMatchObject({
      required: true,
      content: { 'application/json': { schema: { properties: { reason: { maxLength: 500 } }, required: ['reason'] } } },
    })
    // Ajv's word for a field that may be null is not one of JSON Schema.
    expect(bodyOf('/v1/targets/{name}/retry')).toMatchObject({
      required: false,
      content: { 'application/json': { schema: { properties: { all: { type: ['boolean', 'null'] } } } } },
    })
    expect(JSON.stringify(document)).not.toContain('"nullable"')
  })

  it('lets no route be registered that promises nothing', () => {
    const app = Fastify()
    collectRoutes(app, () => {})
    expect(() => app.get('/v1/secret', async () => 'x')).toThrow('the route GET /v1/secret has no operation')
  })

  it('leaves no reference that leads nowhere', () => {
    const names = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path)
    expect(names.length).toBeGreaterThan(100)
    for (const path of new Set(names)) {
      const name = path.replace('components/schemas/', '')
      expect(Object.keys(document.components.schemas), path).toContain(name)
    }
  })

  it('puts every problem under the status of its code', () => {
    const told = Object.values(document.paths).flatMap((methods) =>
      Object.values(methods).flatMap(({ responses }) =>
        Object.entries(responses).flatMap(([status, response]) =>
          [...JSON.stringify(response).matchAll(/"enum":\[([^\]]+)\]/g)].flatMap(([, codes = '']) =>
            (JSON.parse(`[${codes}]`) as (keyof typeof problemCodes)[]).map((code) => ({ status, code })),
          ),
        ),
      ),
    )
    expect(told.length).toBeGreaterThan(100)
    for (const { status, code } of told) expect(String(problemCodes[code][0])).toBe(status)
  })

  it('asks clients for no more than the door does', () => {
    const context = { store: () => testStore }
    const isTaken = (missing: string) => {
      const sale: Record<string, unknown> = { ...makeSale(1) }
      delete sale[missing]
      return tillflow.readDocument?.(Buffer.from(JSON.stringify(sale)), context).kind === 'transaction'
    }
    const { Transaction, TransactionUpload } = document.components.schemas
    const asked = TransactionUpload?.required ?? []
    expect(asked).toEqual(['transactionType', 'businessUnitId', 'currency'])
    for (const field of Transaction?.required ?? []) expect(isTaken(field), field).toBe(!asked.includes(field))
  })
})
