import { describe, expect, it } from 'vitest'
import { changesMax, findChanges } from './difference.ts'

describe('where two translations differ', () => {
  it.each<[string, unknown, unknown, object[]]>([
    ['nowhere', { a: [1, { b: 'x' }] }, { a: [1, { b: 'x' }] }, []],
    ['in a value', { a: { b: 1 } }, { a: { b: '1' } }, [{ path: '/a/b', before: 1, after: '1' }]],
    ['in a field that came', {}, { a: null }, [{ path: '/a', after: null }]],
    ['in a field that went', { a: 0 }, {}, [{ path: '/a', before: 0 }]],
    ['not in a field that is not there', { a: undefined }, {}, []],
    ['in a line more', [1], [1, 2], [{ path: '/1', after: 2 }]],
    ['in kind', { a: [] }, { a: {} }, [{ path: '/a', before: [], after: {} }]],
    ['with a name that must be escaped', { 'a/b~': 1 }, { 'a/b~': 2 }, [{ path: '/a~1b~0', before: 1, after: 2 }]],
    ['in JSON text', '{"a":1}', '{"a":2}', [{ path: '/a', before: 1, after: 2 }]],
    ['in other text', 'a;1', 'a;2', [{ path: '', before: 'a;1', after: 'a;2' }]],
    ['where nothing was sent', undefined, { a: 1 }, [{ path: '', after: { a: 1 } }]],
  ])('%s', (_name, before, after, expected) => {
    expect(findChanges(before, after)).toEqual(expected)
  })

  it('is told for a bounded number of places', () => {
    const many = Array.from({ length: 5_000 }, (_, index) => index)
    expect(findChanges(many, [])).toHaveLength(changesMax)
  })
})
