import { describe, expect, it } from 'vitest'
import type { ChangeKind, Direction, Grade } from './change.ts'
import { compareSchemas } from './compare-schemas.ts'
import type { JsonSchema } from './json-schema.ts'

const receipt: JsonSchema = {
  $ref: '#/definitions/Receipt',
  definitions: {
    Receipt: {
      type: 'object',
      properties: {
        version: { const: 1 },
        kind: { type: 'string', enum: ['SALE', 'RETURN'] },
        note: { type: 'string', maxLength: 80, minLength: 1 },
        store: { type: 'string', pattern: '^[0-9]+$' },
        count: { type: 'integer', minimum: 0, maximum: 9 },
        lines: { type: 'array', items: { $ref: '#/definitions/Line' }, maxItems: 10 },
        more: { type: 'object', additionalProperties: {} },
      },
      required: ['version', 'kind', 'store'],
    },
    Line: {
      type: 'object',
      discriminator: { propertyName: 'lineType' },
      required: ['lineType'],
      oneOf: [{ $ref: '#/definitions/Goods' }, { $ref: '#/definitions/Tender' }],
    },
    Goods: {
      type: 'object',
      properties: { lineType: { enum: ['SALE', 'RETURN'] }, amount: { $ref: '#/definitions/Amount' } },
      required: ['lineType', 'amount'],
    },
    Tender: {
      type: 'object',
      properties: { lineType: { const: 'TENDER' }, amount: { $ref: '#/definitions/Amount' } },
      required: ['lineType'],
    },
    Amount: { type: 'string', pattern: '^[0-9.]+$' },
  },
}

type Editable = Record<
  string,
  { [keyword: string]: unknown; properties: Record<string, JsonSchema>; required: string[] }
>

function compareEdited(edit: (definitions: Editable) => void, direction: Direction) {
  const present = structuredClone(receipt)
  edit(present.definitions as Editable)
  return compareSchemas(receipt, present, direction)
}

const set = (definition: string, field: string, schema: JsonSchema) => (all: Editable) => {
  const fields = all[definition]?.properties ?? {}
  fields[field] = schema
}
const drop = (definition: string, field: string) => (all: Editable) => {
  delete all[definition]?.properties[field]
}
const need = (definition: string, required: string[]) => (all: Editable) => {
  const edited = all[definition]
  if (edited) edited.required = required
}

type Row = [what: string, edit: (all: Editable) => void, path: string, kind: ChangeKind, input: Grade, output: Grade]

describe('a change of a schema', () => {
  it.each<Row>([
    ['a field is gone', drop('Receipt', 'note'), '/note', 'field-removed', 'breaking', 'breaking'],
    ['a new field', set('Receipt', 'gln', {}), '/gln', 'field-added', 'compatible', 'compatible'],
    [
      'a new field that is required',
      (all) => {
        set('Receipt', 'gln', {})(all)
        need('Receipt', ['version', 'kind', 'store', 'gln'])(all)
      },
      '/gln',
      'required-field-added',
      'breaking',
      'compatible',
    ],
    [
      'a field becomes required',
      need('Receipt', ['version', 'kind', 'store', 'note']),
      '/note',
      'field-required',
      'breaking',
      'compatible',
    ],
    [
      'a field becomes optional',
      need('Receipt', ['version', 'kind']),
      '/store',
      'field-optional',
      'compatible',
      'breaking',
    ],
    [
      'a type is another',
      set('Receipt', 'store', { type: 'integer' }),
      '/store',
      'type-changed',
      'breaking',
      'breaking',
    ],
    [
      'a type is wider',
      set('Receipt', 'count', { type: 'number', minimum: 0, maximum: 9 }),
      '/count',
      'type-widened',
      'compatible',
      'breaking',
    ],
    [
      'a type may be null',
      set('Receipt', 'count', { type: ['integer', 'null'], minimum: 0, maximum: 9 }),
      '/count',
      'type-widened',
      'compatible',
      'breaking',
    ],
    [
      'anything becomes a type',
      set('Receipt', 'more', { type: 'object', additionalProperties: { type: 'string' } }),
      '/more/*',
      'type-narrowed',
      'breaking',
      'compatible',
    ],
    [
      'a constant changes',
      set('Receipt', 'version', { const: 2 }),
      '/version',
      'constant-changed',
      'breaking',
      'breaking',
    ],
    [
      'a word is gone',
      set('Receipt', 'kind', { type: 'string', enum: ['SALE'] }),
      '/kind',
      'word-removed',
      'breaking',
      'compatible',
    ],
    [
      'a new word',
      set('Receipt', 'kind', { type: 'string', enum: ['RETURN', 'SALE', 'VOID'] }),
      '/kind',
      'word-added',
      'compatible',
      'warning',
    ],
    ['any word', set('Receipt', 'kind', { type: 'string' }), '/kind', 'words-opened', 'compatible', 'breaking'],
    [
      'words become a list',
      set('Receipt', 'store', { type: 'string', pattern: '^[0-9]+$', enum: ['1'] }),
      '/store',
      'words-closed',
      'breaking',
      'compatible',
    ],
    [
      'less room',
      set('Receipt', 'note', { type: 'string', maxLength: 79, minLength: 1 }),
      '/note',
      'limit-tightened',
      'breaking',
      'compatible',
    ],
    [
      'a limit where there was none',
      set('Receipt', 'more', { type: 'object', additionalProperties: {}, maxProperties: 3 }),
      '/more',
      'limit-tightened',
      'breaking',
      'compatible',
    ],
    [
      'a higher minimum',
      set('Receipt', 'count', { type: 'integer', minimum: 1, maximum: 9 }),
      '/count',
      'limit-tightened',
      'breaking',
      'compatible',
    ],
    [
      'more room',
      set('Receipt', 'note', { type: 'string', maxLength: 81, minLength: 1 }),
      '/note',
      'limit-loosened',
      'compatible',
      'breaking',
    ],
    [
      'no limit',
      set('Receipt', 'count', { type: 'integer', minimum: 0 }),
      '/count',
      'limit-loosened',
      'compatible',
      'breaking',
    ],
    [
      'another pattern',
      set('Receipt', 'store', { type: 'string', pattern: '^[A-Z]+$' }),
      '/store',
      'format-changed',
      'breaking',
      'breaking',
    ],
    [
      'a pattern, where several fields share it',
      (all) => Object.assign(all.Amount ?? {}, { pattern: '^[0-9]+$' }),
      '/lines/*(lineType=SALE)/amount',
      'format-changed',
      'breaking',
      'breaking',
    ],
    [
      'unknown fields are refused',
      (all) => Object.assign(all.Receipt ?? {}, { additionalProperties: false }),
      '/',
      'fields-closed',
      'breaking',
      'compatible',
    ],
    [
      'an alternative is gone',
      (all) => Object.assign(all.Line ?? {}, { oneOf: [{ $ref: '#/definitions/Goods' }] }),
      '/lines/*',
      'word-removed',
      'breaking',
      'compatible',
    ],
    [
      'a word of an alternative is new',
      set('Goods', 'lineType', { enum: ['SALE', 'RETURN', 'FEE'] }),
      '/lines/*',
      'word-added',
      'compatible',
      'warning',
    ],
    [
      'a word moves to another alternative',
      (all) => {
        set('Goods', 'lineType', { enum: ['SALE'] })(all)
        set('Tender', 'lineType', { enum: ['RETURN', 'TENDER'] })(all)
      },
      '/lines/*(lineType=RETURN)/amount',
      'field-optional',
      'compatible',
      'breaking',
    ],
    [
      'a keyword that the gate does not know',
      (all) => Object.assign(all.Receipt ?? {}, { not: { required: ['note'] } }),
      '/',
      'not-comparable',
      'breaking',
      'breaking',
    ],
  ])('%s', (_what, edit, path, kind, input, output) => {
    expect(compareEdited(edit, 'input')).toMatchObject([{ path, kind, grade: input }])
    expect(compareEdited(edit, 'output')).toMatchObject([{ path, kind, grade: output }])
  })

  it.each<[string, (all: Editable) => void]>([
    ['nothing', () => {}],
    ['another description', (all) => Object.assign(all.Amount ?? {}, { description: 'An amount.' })],
    ['another order of words', set('Receipt', 'kind', { type: 'string', enum: ['RETURN', 'SALE'] })],
    ['another order of required fields', need('Receipt', ['store', 'version', 'kind'])],
    [
      'a definition of another name',
      (all) => Object.assign(all, { Sum: all.Amount, Amount: { $ref: '#/definitions/Sum' } }),
    ],
    ['a definition written out', set('Goods', 'amount', { type: 'string', pattern: '^[0-9.]+$' })],
  ])('is none: %s', (_what, edit) => {
    expect(compareEdited(edit, 'input')).toEqual([])
    expect(compareEdited(edit, 'output')).toEqual([])
  })

  it('says what, where and whom it breaks', () => {
    expect(compareEdited(set('Receipt', 'note', { type: 'string', maxLength: 20, minLength: 1 }), 'input')).toEqual([
      {
        path: '/note',
        kind: 'limit-tightened',
        grade: 'breaking',
        what: 'maxLength 80 became 20',
        why: 'documents that were accepted would be refused',
      },
    ])
  })

  it('ends where a schema holds itself', () => {
    const tree: JsonSchema = {
      $ref: '#/definitions/Tree',
      definitions: { Tree: { properties: { name: { maxLength: 9 }, child: { $ref: '#/definitions/Tree' } } } },
    }
    const other = structuredClone(tree)
    Object.assign(other.definitions?.Tree?.properties?.name ?? {}, { maxLength: 8 })
    expect(compareSchemas(tree, other, 'input')).toMatchObject([{ path: '/name', kind: 'limit-tightened' }])
  })

  it('does not take a field for a property that every object has', () => {
    const named = (name: string): JsonSchema => ({ properties: Object.fromEntries([[name, { type: 'string' }]]) })
    expect(compareSchemas(named('constructor'), { properties: {} }, 'output')).toMatchObject([
      { path: '/constructor', kind: 'field-removed' },
    ])
  })
})
