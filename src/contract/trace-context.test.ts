import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { childOf, createTrace, formatTraceparent, parseTraceparent } from './trace-context.ts'

const hex = (length: number) =>
  fc
    .array(fc.constantFrom(...'0123456789abcdef'), { minLength: length, maxLength: length })
    .map((digits) => digits.join(''))
    .filter((id) => !/^0+$/.test(id))

describe('trace context', () => {
  it('comes back from the header it was written to', () => {
    const context = fc.record({ traceId: hex(32), parentId: hex(16), sampled: fc.boolean() })
    fc.assert(
      fc.property(context, (one) => {
        expect(parseTraceparent(formatTraceparent(one))).toEqual(one)
      }),
    )
  })

  it('reads the example of the recommendation', () => {
    expect(parseTraceparent('00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01')).toEqual({
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      parentId: '00f067aa0ba902b7',
      sampled: true,
    })
  })

  it('reads what it knows of a later version', () => {
    const later = parseTraceparent('cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-02-what-the-future-brings')
    expect(later).toMatchObject({ parentId: '00f067aa0ba902b7', sampled: false })
  })

  it.each([
    ['nothing', ''],
    ['the forbidden version', 'ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'],
    ['a trace of zeros', '00-00000000000000000000000000000000-00f067aa0ba902b7-01'],
    ['a parent of zeros', '00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01'],
    ['capitals', '00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01'],
    ['more than version 00 has', '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-x'],
    ['a later version that goes on without a hyphen', '01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01x'],
    ['a short trace', '00-4bf92f3577b34da6a3ce929d0e0e473-00f067aa0ba902b7-01'],
  ])('refuses %s', (_, header) => {
    expect(parseTraceparent(header)).toBeUndefined()
  })

  it('a child stays in the trace and is another step', () => {
    const first = createTrace({ sampled: false })
    const second = childOf(first)
    expect(second).toMatchObject({ traceId: first.traceId, sampled: false })
    expect(second.parentId).not.toBe(first.parentId)
    expect(createTrace().traceId).not.toBe(first.traceId)
  })
})
