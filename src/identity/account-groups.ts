import type { Grant } from '../domain/grant.ts'

const places = { legalEntity: 'legal-entity', region: 'region', store: 'store' } as const

/**
 * A grant as one of the groups that an ID token of ours names, as other providers name theirs: `admin`, `operator/region/north`,
 * `viewer/store/9`.
 */
export function groupOfGrant(grant: Grant): string {
  for (const place of ['legalEntity', 'region', 'store'] as const) {
    const name = grant[place]
    if (name !== undefined) return `${grant.role}/${places[place]}/${encodeURIComponent(name)}`
  }
  return grant.role
}

/** The grant that a group of ours is; undefined: it is none of them. */
export function grantOfGroup(group: string): Grant | undefined {
  const [role = '', placeName, name = '', ...more] = group.split('/')
  if (role === '' || more.length > 0) return undefined
  if (placeName === undefined) return { role }
  const place = (['legalEntity', 'region', 'store'] as const).find((one) => places[one] === placeName)
  if (place === undefined || name === '') return undefined
  try {
    return { role, [place]: decodeURIComponent(name) }
  } catch {
    return undefined
  }
}
