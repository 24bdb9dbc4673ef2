import { describe, expect, it } from 'vitest'
import { grantOfGroup, groupOfGrant } from './account-groups.ts'
import { checkPassword } from './password-rules.ts'

describe('a password', () => {
  it.each([
    ['short', 'elevenchars'],
    ['short in characters, long in bytes', '😀😁😂🤣😃😄😅😆😉😊😋'],
    ['too long', 'ab cd ef gh '.repeat(11)],
    ['of few characters', 'abababababab'],
    ['a run', '123456789012'],
    ['a run backwards', 'zyxwvutsrqpon'],
    ['a word with digits', 'password1234'],
    ['a word with signs', '!!Tillflow2026!!'],
    ['the name in it', 'ada-example-1'],
  ])('that is %s does not do', (_what, password) => {
    expect(() => checkPassword(password, 'Ada-Example')).toThrow(expect.objectContaining({ code: 'password-unfit' }))
    expect(() => checkPassword(password, 'Ada-Example')).not.toThrow(password)
  })

  it.each(['four kettles of green rope', 'Xk2-9vQ!pL7z', 'пять зелёных чайников', '９７hundred wide digits'])(
    'like %s does',
    (password) => {
      expect(() => checkPassword(password, 'ada')).not.toThrow()
    },
  )
})

describe('a group of an ID token of ours', () => {
  it.each([
    [{ role: 'admin' }, 'admin'],
    [{ role: 'viewer', store: '9' }, 'viewer/store/9'],
    [{ role: 'operator', region: 'north/east' }, 'operator/region/north%2Feast'],
    [{ role: 'finance', legalEntity: 'Läden GmbH' }, 'finance/legal-entity/L%C3%A4den%20GmbH'],
  ])('%j is %s, and back', (grant, group) => {
    expect(groupOfGrant(grant)).toBe(group)
    expect(grantOfGroup(group)).toEqual(grant)
  })

  it.each(['', 'admin/', 'admin/store', 'admin/store/', 'admin/planet/9', 'admin/store/9/10', 'admin/store/%'])(
    'is none where it is %j',
    (group) => {
      expect(grantOfGroup(group)).toBeUndefined()
    },
  )
})
