import type { IncomingMessage, ServerResponse } from 'node:http'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'

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

/** Where the browser goes on, as somebody who has shown who he is; undefined: the sign-in has ended meanwhile. */
export async function finishSignIn(
  provider: Provider,
  { request, response, accountId }: { request: IncomingMessage; response: ServerResponse; accountId: string },
): Promise<string | undefined> {
  try {
    const result = { login: { accountId, remember: false, amr: ['pwd'] } }
    return await provider.interactionResult(request, response, result, { mergeWithLastSubmission: false })
  } catch (error) {
    if (error instanceof errors.SessionNotFound) return undefined
    throw error
  }
}
