import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from './strict-json.ts'

describe('strict JSON', () => {
  it('agrees with JSON.parse on every document it can represent', () => {
    const number = fc.oneof(
      fc.maxSafeInteger(),
      fc.float({ noNaN: true, noDefaultInfinity: true, max: 1000, min: -1000 }),
    )
    const normal = number.filter((value) => value === 0 || Math.abs(value) >= 2 ** -1022)
    const key = fc
      .string({ unit: 'binary' })
      .filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name))
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true, maxDepth: 8 },
        fc.constantFrom(null, true, false),
        normal,
        fc.string({ unit: 'binary' }),
        fc.array(tie('tree')),
        fc.dictionary(key, tie('tree')),
      ),
    }))
    const space = fc.constantFrom('', ' ', '\n\t')
    fc.assert(
      fc.property(tree, space, (value, indent) => {
        const text = JSON.stringify(value, null, indent)
        expect(parseStrictJson(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('finds a doubled member wherever it stands', () => {
    const names = fc.uniqueArray(fc.string({ unit: 'binary', minLength: 1 }), { minLength: 1, maxLength: 40 })
    const around = fc.constantFrom<(inner: string) => string>(
      (inner) => inner,
      (inner) => `[1,${inner}]`,
      (inner) => `{"outer":{"x":${inner}}}`,
    )
    fc.assert(
      fc.property(names, fc.nat(), around, (keys, pick, wrap) => {
        const safe = keys.map((name) => `k${name}`)
        const members = safe.map((name) => `${JSON.stringify(name)}:{"n":1}`)
        const doubled = [...members, members[pick % members.length]]
        expect(() => parseStrictJson(wrap(`{${members.join()}}`))).not.toThrow()
        expect(() => parseStrictJson(wrap(`{${doubled.join()}}`))).toThrow(
          expect.objectContaining({ code: 'duplicate-key' }),
        )
      }),
    )
  })
})
