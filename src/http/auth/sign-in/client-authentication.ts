import type { KeyObject } from 'node:crypto'
import { type ClientAuth, ClientSecretBasic, ClientSecretPost, modifyAssertion, PrivateKeyJwt } from 'openid-client'
import { Problem } from '../../../contract/problem.ts'

/** What the hub shows a provider. */
export type ClientCredentials = { secret: string; method?: SecretMethod } | { key: KeyObject }

/** `auto`: HTTP Basic, unless the provider says that it takes the secret in the body only. */
export type SecretMethod = 'auto' | 'client_secret_basic' | 'client_secret_post'

/**
 * Shows a secret the way that was chosen (by default as RFC 6749 has it), or signs with a key. Throws
 * Problem `settings-invalid` for a key of a kind that providers do not take.
 */
export async function clientAuthentication(credentials: ClientCredentials): Promise<ClientAuth> {
  if ('secret' in credentials) return clientSecret(credentials.secret, credentials.method)
  const { key } = credentials
  const algorithm = algorithmOf(key)
  // Ed25519 has a second name in JOSE (RFC 9864), which older providers do not know.
  const isEdwards = key.asymmetricKeyType === 'ed25519'
  return PrivateKeyJwt(key.toCryptoKey(algorithm, false, ['sign']), {
    ...(isEdwards && {
      [modifyAssertion]: (header) => {
        header.alg = 'EdDSA'
      },
    }),
  })
}

function clientSecret(secret: string, method: SecretMethod = 'auto'): ClientAuth {
  const [basic, post] = [ClientSecretBasic(secret), ClientSecretPost(secret)]
  return (server, client, body, headers) => {
    const methods = server.token_endpoint_auth_methods_supported
    const takesPostOnly = methods?.includes('client_secret_post') && !methods.includes('client_secret_basic')
    const isPost = method === 'client_secret_post' || (method === 'auto' && takesPostOnly)
    return (isPost ? post : basic)(server, client, body, headers)
  }
}

function algorithmOf(key: KeyObject): Parameters<KeyObject['toCryptoKey']>[0] {
  const { namedCurve } = key.asymmetricKeyDetails ?? {}
  if (key.asymmetricKeyType === 'ed25519') return 'Ed25519'
  if (key.asymmetricKeyType === 'rsa') return { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
  if (key.asymmetricKeyType === 'ec' && namedCurve === 'prime256v1') return { name: 'ECDSA', namedCurve: 'P-256' }
  throw new Problem('settings-invalid', 'signInClientKey must be EC P-256, RSA or Ed25519.')
}
