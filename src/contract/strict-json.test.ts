import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isProblem, type ProblemCode } from './problem.ts'
import { decodeUtf8, parseJsonWithNumbersAsText, parseStrictJson } from './strict-json.ts'

function refusalOf(read: () => unknown): ProblemCode | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (isProblem(error)) return error.code
    throw error
  }
}

const faults: [ProblemCode, string][] = [
  ['json-too-deep', `${'['.repeat(33)}${']'.repeat(33)}`],
  ['json-too-deep', `${'{"a":'.repeat(33)}1${'}'.repeat(33)}`],
  ['json-too-deep', '['.repeat(200_000)],
  ['duplicate-key', '{"a":1,"a":2}'],
  ['duplicate-key', '{"a":1,"a":1}'],
  ['duplicate-key', '{"a":1,"\\u0061":1}'],
  ['duplicate-key', '[{"x":{"b":{"c":1},"b":{"c":1}}}]'],
  ['duplicate-key', '{"1":0,"1":0}'],
  ['forbidden-key', '{"__proto__":1}'],
  ['forbidden-key', '{"a":[{"\\u005f_proto__":{}}]}'],
  ['forbidden-key', '{"constructor":{"prototype":{}}}'],
  ['forbidden-key', '{"prototype":1}'],
  ['number-out-of-range', '1e400'],
  ['number-out-of-range', '-1E400'],
  ['number-out-of-range', '1e-400'],
  ['number-out-of-range', '5e-324'],
  ['number-out-of-range', '[9007199254740993]'],
  ['number-out-of-range', '9007199254740992'],
  ['number-out-of-range', '1e16'],
  ['number-out-of-range', '0.123456789012345678'],
  ['number-out-of-range', '{"a":NaN}'],
  ['number-out-of-range', '[-Infinity]'],
  ['number-out-of-range', '1'.repeat(1_000_000)],
  ['number-out-of-range', `0.${'0'.repeat(1_000_000)}`],
  ['invalid-encoding', '"\ud800"'],
  ['invalid-encoding', '"\\ud800"'],
  ['invalid-encoding', '{"\\udfff":1}'],
  ['invalid-encoding', '["\\uDC00\\uD800"]'],
  ['json-malformed', ''],
  ['json-malformed', '{"a":1'],
  ['json-malformed', '{"a":1,}'],
  ['json-malformed', '01'],
  ['json-malformed', '1.2.3'],
  ['json-malformed', '1-2'],
  ['json-malformed', '"a\nb"'],
  ['json-malformed', '{a:1}'],
  ['json-malformed', '"open'],
  ['json-malformed', '"open\\'],
  ['json-malformed', '1 2'],
  ['json-malformed', '\ufeff{}'],
]

describe('strict JSON', () => {
  it.each(faults)('refuses with %s: %.40s', (code, text) => {
    expect(refusalOf(() => parseStrictJson(text))).toBe(code)
  })

  it.each([
    '9007199254740991',
    '-0',
    '0.1',
    '12345678901234.56',
    '1.5e3',
    '2.2250738585072014e-308',
    '0e5',
    '"NaN, Infinity : {[ 1e400"',
    '{"a":{"a":{"a":"a:a"}}}',
    '"\\\\ud800"',
    '"\\ud83d\\ude00"',
    '"\\\\"',
    '"\\\\\\""',
    `${'['.repeat(32)}${']'.repeat(32)}`,
  ])('reads %s as JSON.parse does', (text) => {
    expect(parseStrictJson(text)).toEqual(JSON.parse(text))
  })

  it('never throws anything but a Problem, and never accepts what JSON.parse refuses', () => {
    const tokens = [
      '{',
      '}',
      '[',
      ']',
      ':',
      ',',
      '"',
      '\\',
      '\\u',
      'd800',
      '-',
      '.',
      'e',
      '9',
      '00',
      'NaN',
      'true',
      ' ',
      '\ud800',
      'é',
    ]
    const soup = fc.array(fc.constantFrom(...tokens), { maxLength: 60 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(soup, (text) => {
        if (refusalOf(() => parseStrictJson(text)) === undefined) JSON.parse(text)
      }),
      { numRuns: 2000 },
    )
  })

  it('does not repeat the document in its refusal', () => {
    try {
      parseStrictJson('{"a": secret4711}')
      expect.unreachable()
    } catch (error) {
      expect(String(error)).not.toContain('secret')
      expect((error as Error).cause).toBeUndefined()
    }
  })
})

describe('decoding UTF-8', () => {
  it('drops a UTF-8 mark and keeps the rest', () => {
    expect(decodeUtf8(Buffer.from('\ufeff{"ä":"€😀"}'))).toBe('{"ä":"€😀"}')
  })

  it.each([
    ['a UTF-16 LE mark', [0xff, 0xfe, 0x7b, 0x00]],
    ['a UTF-16 BE mark', [0xfe, 0xff, 0x00, 0x7b]],
    ['a UTF-32 LE mark', [0xff, 0xfe, 0x00, 0x00]],
    ['a UTF-32 BE mark', [0x00, 0x00, 0xfe, 0xff]],
    ['an overlong slash', [0xc0, 0xaf]],
    ['an encoded surrogate', [0xed, 0xa0, 0x80]],
    ['a cut character', [0x22, 0xe2, 0x82]],
    ['Latin-1', [0x22, 0xe4, 0x22]],
  ])('refuses %s', (_, bytes) => {
    expect(refusalOf(() => decodeUtf8(Uint8Array.from(bytes)))).toBe('invalid-encoding')
  })
})

describe('numbers as text', () => {
  it('keeps ids beyond 2^53 and amounts as they are written', () => {
    const text = '{"id":820982911946154508,"rate":0.05,"sums":[143.97,1E2,-0,143.96999999999997]}'
    expect(parseJsonWithNumbersAsText(text)).toEqual({
      id: '820982911946154508',
      rate: '0.05',
      sums: ['143.97', '1E2', '-0', '143.96999999999997'],
    })
  })

  it.each([
    ['{"a":1,"a":2}', 'duplicate-key'],
    ['{"__proto__":1}', 'forbidden-key'],
    [`{"a":${'1'.repeat(70)}}`, 'number-out-of-range'],
    [`{"a":1${'0'.repeat(5)}e${'1'.repeat(70)}}`, 'number-out-of-range'],
    ['{"a":NaN}', 'number-out-of-range'],
    ['{"a":01}', 'json-malformed'],
    ['{"a":', 'json-malformed'],
  ])('refuses %j with %s', (text, code) => {
    expect(() => parseJsonWithNumbersAsText(text)).toThrow(expect.objectContaining({ code }))
  })
})
