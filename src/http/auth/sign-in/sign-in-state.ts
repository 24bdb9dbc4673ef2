import { type KeyObject, randomBytes } from 'node:crypto'
import type { Clock } from '../../../contract/clock.ts'
import { isProblem } from '../../../contract/problem.ts'
import { deriveKey } from '../../../privacy/encryption/master-key.ts'
import { openBytes, sealBytes } from '../../../privacy/encryption/sealed-bytes.ts'
import type { SignInChecks } from './openid-provider.ts'

/** Somebody looks for a password, and for the second factor. */
export const signInLifeMs = 900_000

/** A sign-in that a browser has begun and not finished. */
export interface SignInState extends SignInChecks {
  /** Where the browser goes on: a path of the hub. */
  returnTo: string
}

const random = () => randomBytes(32).toString('base64url')

export function newSignIn(returnTo: string): SignInState {
  return { state: random(), nonce: random(), verifier: random(), returnTo }
}

/** Seals a sign-in for the cookie of its browser, and opens what comes back; nothing is kept here meanwhile, so any process may finish it. */
export function signInStates(identityKey: KeyObject, clock: Clock) {
  const key = deriveKey(identityKey, 'sign-in state')
  const place = 'sign-in'
  return {
    seal: (state: SignInState): string => {
      const plain = JSON.stringify({ ...state, endsAtMs: clock.now() + signInLifeMs })
      return sealBytes(key, Buffer.from(plain), place).toString('base64url')
    },
    /** Undefined: it is not one of ours, or is over. */
    open: (sealed: string): SignInState | undefined => {
      try {
        const plain = openBytes(key, Buffer.from(sealed, 'base64url'), place).toString()
        const { endsAtMs, ...state } = JSON.parse(plain) as SignInState & { endsAtMs: number }
        return endsAtMs > clock.now() ? state : undefined
      } catch (error) {
        if (isProblem(error)) return undefined
        throw error
      }
    },
  }
}
