import type { KeyObject } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import type { JWK } from 'oidc-provider'
import type { Pool } from 'pg'
import type { Logger } from '../../../contract/logger.ts'
import type { KnownIdentity } from '../../../identity/known-identity.ts'
import type { DpopProofs } from '../dpop-proof.ts'
import { answerDevices } from './device-flow.ts'
import { providerConfiguration } from './provider-configuration.ts'
import { findSignIn, finishSignIn, type SignInUnderWay } from './sign-in-under-way.ts'

export const authorizationServerPath = '/oauth'

export interface AuthorizationServerOptions {
  db: Pool
  identityKey: KeyObject
  known: KnownIdentity
  proofs: DpopProofs
  /** What clients call, without a path. */
  publicUrl(): string
  /** Header in which a proxy passes checked client certificates on; empty: there is none. */
  certificateHeader: string
  /** People sign in here; otherwise only tills and machines come in. */
  hasPeople: boolean
  logger: Logger
}

/** Somebody who showed a password, and when, in seconds of the epoch. */
export interface SignedIn {
  accountId: string
  signedInAtSeconds: number
}

export interface AuthorizationServer {
  /** Answers a request below `/oauth` of an address; the body has not been read. */
  answer(request: IncomingMessage, response: ServerResponse, address: string): Promise<void>
  /** The sign-in that a browser's cookie names; undefined: there is none, or it has ended. */
  findSignIn(request: IncomingMessage, response: ServerResponse): Promise<SignInUnderWay | undefined>
  /** Somebody has shown who they are. Resolves with the address at which the browser goes on; undefined: the sign-in has ended. */
  finishSignIn(request: IncomingMessage, response: ServerResponse, signedIn: SignedIn): Promise<string | undefined>
}

/**
 * The authorization server (`oidc-provider`), loaded when the first request comes. It is made anew when the keys change; requests that
 * are on their way end with the one that they began with.
 */
export function createAuthorizationServer(options: AuthorizationServerOptions): AuthorizationServer {
  let made: { keysName: string; provider: Promise<Provider> } | undefined
  const addresses = new WeakMap<IncomingMessage, string>()
  const addressOf = (request: IncomingMessage) => addresses.get(request) ?? ''
  const providerNow = (): Promise<Provider> => {
    const { known } = options
    const signing = known.signingKey()
    // The one that signs first: tokens without a key id of their own take the first that fits.
    const keys = known.keys().toSorted((a, b) => Number(b === signing) - Number(a === signing))
    const keysName = keys.map(({ kid }) => kid).join(' ')
    if (made?.keysName !== keysName) {
      const provider = makeProvider(options, { keys: keys.map((key) => key.privateJwk() as JWK) }, addressOf)
      made = { keysName, provider }
    }
    return made.provider
  }
  return {
    answer: async (request, response, address) => {
      const provider = await providerNow()
      addresses.set(request, address)
      pinAddress(request, options.publicUrl())
      await provider.callback()(request, response)
    },
    findSignIn: async (request, response) => findSignIn(await providerNow(), request, response),
    finishSignIn: async (request, response, signedIn) =>
      finishSignIn(await providerNow(), { request, response, signedIn }),
  }
}

async function makeProvider(
  options: AuthorizationServerOptions,
  jwks: { keys: JWK[] },
  addressOf: (request: IncomingMessage) => string,
): Promise<Provider> {
  const { Provider } = await import('oidc-provider')
  const issuer = `${options.publicUrl()}${authorizationServerPath}`
  const provider = new Provider(issuer, providerConfiguration(options, jwks, addressOf))
  provider.proxy = true
  answerDevices(provider, options.publicUrl())
  provider.on('server_error', (_context, error) => {
    options.logger.error({ error }, 'the authorization server failed')
  })
  // Who signs in does so for one answer: how long it lasts is for the session that is made of it. Nothing here could outlive that.
  provider.on('authorization.success', ({ oidc }) => {
    if (oidc.session) Object.assign(oidc.session, { destroyed: true })
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
