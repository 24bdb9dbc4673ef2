import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export const keyId = 'the-key'

/** What a request for tokens is answered with. */
export interface TokenAnswer {
  status?: number
  body: Record<string, unknown>
}

/** A provider that says whatever a test has it say, over the network like any other. */
export interface ForgingProvider {
  issuer: string
  privateKey: KeyObject
  /** Answers the next requests for tokens. */
  answerWith(answer: TokenAnswer): void
  /** Forms that came to the token endpoint, with what stood in `Authorization`. */
  asked: { form: Record<string, string>; authorization: string | undefined }[]
  close(): Promise<void>
}

export async function startForgingProvider(): Promise<ForgingProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig' }
  const asked: ForgingProvider['asked'] = []
  let answer: TokenAnswer = { body: {} }
  const server = createServer(async (request, response) => {
    const send = (body: object, status = 200) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === '/.well-known/openid-configuration') return void send(metadataOf(issuer))
    if (request.url === '/keys') return void send({ keys: [jwk] })
    let text = ''
    for await (const chunk of request) text += chunk
    asked.push({ form: Object.fromEntries(new URLSearchParams(text)), authorization: request.headers.authorization })
    send(answer.body, answer.status)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...{ issuer, privateKey, asked },
    answerWith: (next) => {
      answer = next
    },
    close: async () => {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}

/** It says that it takes every algorithm, as some do: what counts is what the hub takes. */
function metadataOf(issuer: string): object {
  return {
    ...{ issuer, authorization_endpoint: `${issuer}/authorize`, token_endpoint: `${issuer}/token` },
    jwks_uri: `${issuer}/keys`,
    id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256', 'ES256'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
  }
}
