import type { FindStores, Grant } from '../../domain/grant.ts'
import { type Grants, grantsOf, joinGrants } from './reach.ts'
import { isRole, roles } from './scopes.ts'

/** What somebody with these roles may do, and in which stores as they lie now. A role that is none gives nothing. */
export function grantsOfRoles(grants: readonly Grant[], findStores: FindStores): Grants {
  return joinGrants(
    grants.map((grant) => {
      if (!isRole(grant.role)) return grantsOf([], [])
      const stores = findStores(grant)
      return grantsOf(roles[grant.role], stores === 'every' ? undefined : stores)
    }),
  )
}
