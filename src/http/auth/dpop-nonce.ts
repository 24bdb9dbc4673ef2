import { hkdfSync, type KeyObject } from 'node:crypto'
import type { Clock } from '../../contract/clock.ts'
import { deriveKey } from '../../privacy/encryption/master-key.ts'

const stepMs = 60_000
/** Steps around the present one whose nonces are taken: those of the past, and the one that is handed out. */
const stepsAround = [-2, -1, 0, 1, 2]
/** The next step's: it is good for the rest of this minute and three more. */
const handedOut = 1

/** Nonces that nobody stores: each is computed from the minute and the key, so all processes of an installation have the same. */
export interface DpopNonces {
  /** To be handed out now. */
  current(): string
  /** The minute that a nonce is of; undefined: it is none of ours, or too old. */
  stepOf(nonce: string): number | undefined
  /** Nonces of minutes before are not taken any more. */
  oldestStep(): number
}

/** The secret of the nonces of an installation. */
export function dpopNonceSecret(identityKey: KeyObject): KeyObject {
  return deriveKey(identityKey, 'dpop nonces')
}

/** As the authorization server computes them (HKDF with the step as salt), so that a nonce that came with a token serves here. */
export function createDpopNonces(secret: KeyObject, clock: Clock): DpopNonces {
  let step = Number.NaN
  let byNonce = new Map<string, number>()
  let current = ''
  const look = () => {
    const now = Math.floor(clock.now() / stepMs)
    if (now === step) return
    step = now
    byNonce = new Map(stepsAround.map((around) => [compute(secret, now + around), now + around]))
    current = compute(secret, now + handedOut)
  }
  return {
    current: () => {
      look()
      return current
    },
    stepOf: (nonce) => {
      look()
      return byNonce.get(nonce)
    },
    oldestStep: () => {
      look()
      return step + (stepsAround[0] ?? 0)
    },
  }
}

function compute(secret: KeyObject, step: number): string {
  const salt = Buffer.alloc(8)
  salt.writeBigInt64BE(BigInt(step))
  return Buffer.from(hkdfSync('sha256', secret, salt, 'DPoP', 32)).toString('base64url')
}
