import type { Authenticate } from './authorize.ts'
import type { TokenStore } from './token-store.ts'

/** Callers with a token of this hub: `Authorization: Bearer tf_...`. Another bearer token is somebody else's to look at. */
export function apiTokens(tokens: TokenStore): Authenticate {
  return async ({ headers: { authorization } }) => {
    const [, bearer] = /^Bearer +(\S+) *$/i.exec(authorization ?? '') ?? []
    return bearer === undefined ? undefined : tokens.authenticate(bearer)
  }
}
