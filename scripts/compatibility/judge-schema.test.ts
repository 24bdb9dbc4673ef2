import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { JsonSchema } from './json-schema.ts'
import { judgePromises } from './judge-promises.ts'
import { judgeSchema, tellJudgement } from './judge-schema.ts'
import type { PromisedSchema } from './promised-schemas.ts'
import { findBrokenSeals, freezeNewest, readFrozenList, readRevisions } from './revisions.ts'

const schema: PromisedSchema = {
  name: 'pos.thing.happened',
  version: 1,
  direction: 'output',
  presentPath: 'present.json',
  directory: 'schemas/events/pos.thing.happened',
}
const first: JsonSchema = { type: 'object', properties: { id: { type: 'string' } }, required: ['id'] }
const extended: JsonSchema = { ...first, properties: { ...first.properties, note: { type: 'string' } } }
const broken: JsonSchema = { type: 'object', properties: { note: { type: 'string' } } }

let root: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'tillflow-schemas-'))
  mkdirSync(join(root, 'schemas'))
})
afterEach(() => rmSync(root, { recursive: true }))

function judge(present: JsonSchema) {
  return judgeSchema(schema, JSON.stringify(present), readRevisions(root, schema, readFrozenList(root)))
}

function record(present: JsonSchema): string | undefined {
  const { path } = judge(present)
  if (path === undefined) return undefined
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), JSON.stringify(present))
  return path
}

describe('the record of a schema', () => {
  it('is rewritten until it is released, and goes on in a new file after that', () => {
    const [zero, one] = [0, 1].map((revision) => `${schema.directory}/1.${revision}.json`)
    expect(record(broken)).toBe(zero)
    expect(record(first)).toBe(zero)
    expect(freezeNewest(root, [schema])).toEqual([zero])
    expect(record(first)).toBeUndefined()
    expect(record({ ...first, description: 'In other words.' })).toBeUndefined()
    expect(record(extended)).toBe(one)
    expect(freezeNewest(root, [schema])).toEqual([one])
    expect(freezeNewest(root, [schema])).toEqual([])
    expect(Object.keys(readFrozenList(root))).toEqual([zero, one])
  })

  it('takes nothing that breaks what was released', () => {
    record(first)
    freezeNewest(root, [schema])
    const judgement = judge(broken)
    expect(record(broken)).toBeUndefined()
    expect(tellJudgement(schema, judgement)).toEqual([
      'breaks    pos.thing.happened v1  /id  field-removed: the field is gone; consumers read it',
      'Version 1 of pos.thing.happened was released: consumers that read it would break. Add instead of changing, or make version 2 beside it: docs/how-to/change-a-contract.md',
    ])
  })

  it('may lose again what was added and never released, but not what was', () => {
    record(first)
    freezeNewest(root, [schema])
    record(extended)
    expect(judge(first).breaking).toEqual([])
    freezeNewest(root, [schema])
    expect(judge(first).breaking).toMatchObject([{ path: '/note', kind: 'field-removed' }])
  })

  it('reads revisions by number, and those of its version only', () => {
    for (const name of ['1.10', '1.9', '2.0']) {
      mkdirSync(join(root, schema.directory), { recursive: true })
      writeFileSync(join(root, schema.directory, `${name}.json`), '{}')
    }
    expect(readRevisions(root, schema, {}).map(({ revision }) => revision)).toEqual([9, 10])
  })

  it('names a released file that was edited or is gone', () => {
    const path = record(first) ?? ''
    freezeNewest(root, [schema])
    expect(findBrokenSeals(root, readFrozenList(root))).toEqual([])
    writeFileSync(join(root, path), `${readFileSync(join(root, path), 'utf8')} `)
    expect(findBrokenSeals(root, readFrozenList(root))).toEqual([`${path} was released and has been edited`])
    rmSync(join(root, path))
    expect(findBrokenSeals(root, readFrozenList(root))).toEqual([`${path} was released and is gone`])
  })
})

describe('the gate', () => {
  const present = (is: JsonSchema) => writeFileSync(join(root, schema.presentPath), JSON.stringify(is))
  const complaints = (schemas: readonly PromisedSchema[] = [schema]) => judgePromises(root, schemas).complaints
  let path: string
  beforeEach(() => {
    path = record(first) ?? ''
    freezeNewest(root, [schema])
    present(first)
  })

  it('lets what was only added pass, and stops what breaks', () => {
    expect(complaints()).toEqual([])
    present(extended)
    expect(complaints()).toEqual([])
    present(broken)
    expect(complaints()[0]).toMatch('breaks    pos.thing.happened v1  /id  field-removed')
  })

  it('names a released file that is gone as a break, also where a later revision is there', () => {
    record(extended)
    freezeNewest(root, [schema])
    present(extended)
    expect(complaints()).toEqual([])
    rmSync(join(root, path))
    expect(complaints()).toEqual([`breaks    ${path} was released and is gone; restore it, see schemas/frozen.json`])
  })

  it('names a released version that nothing promises any more, also beside the next one', () => {
    const gone = `breaks    ${path} was released and nothing promises it any more`
    expect(complaints([])).toEqual([gone])
    const second = { ...schema, version: 2 }
    mkdirSync(join(root, schema.directory), { recursive: true })
    writeFileSync(join(root, schema.directory, '2.0.json'), JSON.stringify(first))
    expect(complaints([second])).toEqual([gone])
    expect(complaints([schema, second])).toEqual([])
  })
})
