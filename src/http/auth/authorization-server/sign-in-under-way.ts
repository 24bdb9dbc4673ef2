import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import type { SignedIn } from './authorization-server.ts'

/** A browser that was sent here to say who sits before it. */
export interface SignInUnderWay {
  uid: string
}

/** The one that the browser's cookie names; undefined: there is none, it has ended, or something else than a sign-in is asked for. */
export async function findSignIn(
  provider: Provider,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<SignInUnderWay | undefined> {
  try {
    const { uid, prompt } = await provider.interactionDetails(request, response)
    return prompt.name === 'login' ? { uid } : undefined
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined
    throw error
  }
}

/** Where the browser goes on, as somebody who has shown who they are; undefined: the sign-in has ended meanwhile. */
export async function finishSignIn(
  provider: Provider,
  { request, response, signedIn }: { request: IncomingMessage; response: ServerResponse; signedIn: SignedIn },
): Promise<string | undefined> {
  try {
    const { accountId, signedInAtSeconds: ts } = signedIn
    // Not the time at which the browser goes on: the password may be another one by then.
    const result = { login: { accountId, ts, remember: false, amr: ['pwd'] } }
    return await provider.interactionResult(request, response, result, { mergeWithLastSubmission: false })
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined
    throw error
  }
}
