import { describe, expect, it } from 'vitest'
import { storeFinder } from '../domain/grant.ts'
import { readGrant } from './read-grant.ts'

const read = (value: unknown) => readGrant(value, 'signInGroups[0]', (word) => word === 'operator')

describe('a grant', () => {
  it.each([
    [{ role: 'operator' }],
    [{ role: 'operator', region: 'north' }],
    [{ role: 'operator', legalEntity: 'Shop AG' }],
    [{ role: 'operator', store: '9' }],
  ])('may be %j', (grant) => {
    expect(read(grant)).toEqual(grant)
  })

  it.each<[unknown, string]>([
    [undefined, 'needs a role'],
    ['operator', 'needs a role'],
    [{ role: 'root' }, 'needs a role'],
    // Taken for nothing, each of these would be a grant for everything.
    [{ role: 'operator', stores: ['9'] }, 'has no field stores'],
    [{ role: 'operator', store: '' }, 'needs store as a text'],
    [{ role: 'operator', store: null }, 'needs store as a text'],
    [{ role: 'operator', region: ['north'] }, 'needs region as a text'],
    [{ role: 'operator', region: 'north', store: '9' }, 'has more than one'],
  ])('is not %j', (value, words) => {
    expect(() => read(value)).toThrow(
      expect.objectContaining({ code: 'settings-invalid', message: expect.stringContaining(words) }),
    )
  })

  it('ends at the stores that lie where it says now', () => {
    const find = storeFinder([
      { businessUnitId: '9', region: 'north', legalEntity: 'Shop AG' },
      { businessUnitId: '10', region: 'north' },
      { businessUnitId: '11' },
    ])
    expect(find({ role: 'operator' })).toBe('every')
    expect(find({ role: 'operator', region: 'north' })).toEqual(['9', '10'])
    expect(find({ role: 'operator', legalEntity: 'Shop AG' })).toEqual(['9'])
    expect(find({ role: 'operator', store: '11' })).toEqual(['11'])
    expect(find({ role: 'operator', region: 'constructor' })).toEqual([])
  })
})
