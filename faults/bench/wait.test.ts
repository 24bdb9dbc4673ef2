import { describe, expect, it } from 'vitest'
import { comesToAnEnd } from './wait.ts'

describe('waiting for an end', () => {
  it('goes on while something is done, however long it takes', async () => {
    let done = 0
    const condition = () => ++done > 6
    expect(await comesToAnEnd(condition, () => Promise.resolve(done), 20)).toBe(true)
  })

  it('gives up when nothing is done, or nobody can say', async () => {
    let counts = 0
    const standing = () => Promise.resolve(++counts && 7)
    expect(await comesToAnEnd(() => false, standing, 5)).toBe(false)
    expect(counts).toBe(2)
    expect(
      await comesToAnEnd(
        () => false,
        () => Promise.reject(new Error('away')),
        5,
      ),
    ).toBe(false)
  })
})
