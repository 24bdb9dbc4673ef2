import type { KeyObject } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { JWK } from 'oidc-provider'
import type { Pool } from 'pg'
import type { Logger } from '../../../contract/logger.ts'
import type { KnownIdentity } from '../../../identity/known-identity.ts'
import { providerConfiguration } from './provider-configuration.ts'

export const authorizationServerPath = '/oauth'

export interface AuthorizationServerOptions {
  db: Pool
  identityKey: KeyObject
  known: KnownIdentity
  /** What clients call, without a path. */
  publicUrl(): string
  /** Header in which a proxy passes checked client certificates on; empty: there is none. */
  certificateHeader: string
  logger: Logger
}

/** Answers a request below `/oauth`; the body has not been read. */
export type AuthorizationServer = (request: IncomingMessage, response: ServerResponse) => Promise<void>

/**
 * The authorization server (`oidc-provider`), loaded when the first request comes. It is made anew when the keys change; requests that
 * are on their way end with the one that they began with.
 */
export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  let made: { keysName: string; provider: Promise<Provider> } | undefined
  const providerNow = (): Promise<Provider> => {
    const { known } = options
    const signing = known.signingKey()
    // The one that signs first: tokens without a key id of their own take the first that fits.
    const keys = known.keys().toSorted((a, b) => Number(b === signing) - Number(a === signing))
    const keysName = keys.map(({ kid }) => kid).join(' ')
    if (made?.keysName !== keysName) {
      const provider = makeProvider(options, { keys: keys.map((key) => key.privateJwk() as JWK) })
      made = { keysName, provider }
    }
    return made.provider
  }
  return async (request, response) => {
    const provider = await providerNow()
    pinAddress(request, options.publicUrl())
    await provider.callback()(request, response)
  }
}

async function makeProvider(options: AuthorizationServerOptions, jwks: { keys: JWK[] }): Promise<Provider> {
  const { Provider } = await import('oidc-provider')
  const issuer = `${options.publicUrl()}${authorizationServerPath}`
  const provider = new Provider(issuer, providerConfiguration(options, jwks))
  provider.proxy = true
  provider.on('server_error', (_context, error) => {
    options.logger.error({ error }, 'the authorization server failed')
  })
  return provider
}

/** Our address is what the settings say: what a client writes into Host or X-Forwarded-* changes no address that is checked or told. */
function pinAddress(request: IncomingMessage & { originalUrl?: string }, publicUrl: string): void {
  const { protocol, host } = new URL(publicUrl)
  for (const name of Object.keys(request.headers)) if (name.startsWith('x-forwarded-')) delete request.headers[name]
  request.headers.host = host
  request.headers['x-forwarded-proto'] = protocol.slice(0, -1)
  const url = request.url ?? ''
  request.originalUrl = url
  request.url = url.slice(authorizationServerPath.length) || '/'
}
