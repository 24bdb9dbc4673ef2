import { describe, expect, it } from 'vitest'
import { areGroupsElsewhere, groupsOf, joinUserinfo, namesGroups } from './group-grants.ts'

describe('groups of the userinfo endpoint', () => {
  it.each<[string, object, object, string, string[]]>([
    ['by a name', { sub: 'ada' }, { sub: 'ada', groups: ['a'] }, 'groups', ['a']],
    ['by a path', { sub: 'ada' }, { realm_access: { roles: ['a'] } }, 'realm_access.roles', ['a']],
    [
      'by a path of which the token has the beginning',
      { realm_access: {} },
      { realm_access: { roles: ['a'] } },
      'realm_access.roles',
      ['a'],
    ],
    ['by a name with dots', {}, { 'https://id.example/groups': ['a'] }, 'https://id.example/groups', ['a']],
    ['not at all', { realm_access: { verify: true } }, { realm_access: { roles: null } }, 'realm_access.other', []],
  ])('are found %s', (_name, token, userinfo, claim, groups) => {
    expect(namesGroups(token as Claims, claim)).toBe(false)
    expect(groupsOf(joinUserinfo(token as Claims, userinfo as Claims, claim), claim)).toEqual(groups)
  })

  it('change nothing else of what the token says', () => {
    const joined = joinUserinfo(
      { sub: 'ada', name: 'Ada' },
      { sub: 'root', name: 'Root', groups: [], email: 'a@b' },
      'groups',
    )
    expect(joined).toEqual({ sub: 'ada', name: 'Ada', groups: [], email: 'a@b' })
  })

  it('are elsewhere only where this claim is said to be, and not here', () => {
    const overage = { _claim_names: { groups: 'src1' }, hasgroups: true }
    expect(areGroupsElsewhere(overage, 'groups')).toBe(true)
    expect(areGroupsElsewhere(overage, 'roles')).toBe(false)
    expect(areGroupsElsewhere({ ...overage, groups: [] }, 'groups')).toBe(false)
    for (const strange of [null, 'groups', 7, ['groups']])
      expect(areGroupsElsewhere({ _claim_names: strange }, 'groups')).toBe(false)
  })
})

type Claims = Readonly<Record<string, unknown>>
