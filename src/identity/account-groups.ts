import type { Grant } from '../domain/grant.ts'

const places = { legalEntity: 'legal-entity', region: 'region', store: 'store' } as const

/** The grant that a group of the hub's own people is, as `admin`, `operator/region/north`, `viewer/store/9`; undefined: it is none of them. */
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
