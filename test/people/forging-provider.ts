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

export interface UserinfoAnswer {
  status?: number
  headers?: Record<string, string>
  body?: unknown
}

/** A provider that says whatever a test has it say, over the network like any other. */
export interface ForgingProvider {
  issuer: string
  privateKey: KeyObject
  /** Answers the next requests for tokens. */
  answerWith(answer: TokenAnswer): void
  /** Answers the next requests at the userinfo endpoint; by default it knows nothing but who it is. */
  tellOfPerson(answer: UserinfoAnswer): void
  /** What stood in `Authorization` of requests at the userinfo endpoint. */
  askedOfPerson: (string | undefined)[]
  /** Forms that came to the token endpoint, with what stood in `Authorization`. */
  asked: { form: Record<string, string>; authorization: string | undefined }[]
  close(): Promise<void>
}

export async function startForgingProvider(): Promise<ForgingProvider> {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const jwk = { ...publicKey.export({ format: 'jwk' }), kid: keyId, use: 'sig' }
  const asked: ForgingProvider['asked'] = []
  const askedOfPerson: ForgingProvider['askedOfPerson'] = []
  let answer: TokenAnswer = { body: {} }
  let person: UserinfoAnswer = {}
  const server = createServer(async (request, response) => {
    const send = (body: unknown, status = 200, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
    if (request.url === '/.well-known/openid-configuration') return void send(metadataOf(issuer))
    if (request.url === '/keys') return void send({ keys: [jwk] })
    if (request.url === '/userinfo') {
      askedOfPerson.push(request.headers.authorization)
      return void send(person.body ?? { sub: 'ada' }, person.status, person.headers)
    }
    let text = ''
    for await (const chunk of request) text += chunk
    asked.push({ form: Object.fromEntries(new URLSearchParams(text)), authorization: request.headers.authorization })
    send(answer.body, answer.status)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return {
    ...{ issuer, privateKey, asked, askedOfPerson },
    answerWith: (next) => {
      answer = next
    },
    tellOfPerson: (next) => {
      person = next
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
    ...{ jwks_uri: `${issuer}/keys`, userinfo_endpoint: `${issuer}/userinfo` },
    id_token_signing_alg_values_supported: ['none', 'HS256', 'RS256', 'ES256'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
  }
}
