import { createHmac, type KeyObject, randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { Problem } from '../contract/problem.ts'
import { deriveKey } from '../privacy/encryption/master-key.ts'

/** OWASP's third setting for scrypt: 32 MiB and a quarter of a second on a small machine for each guess. */
const cost = { exponent: 15, blockSize: 8, parallelization: 3 }
const hashBytes = 32
const saltBytes = 16
const memoryMaxBytes = 64 * 1_048_576
/** Two at a time, so that many who sign in, or guess, leave receipts their processor and memory. */
const runningMax = 2
const waitingMax = 32

let running = 0
const waiting: (() => void)[] = []

/** A password to keep: `scrypt$exponent$blockSize$parallelization$salt$hash`. Under a key of the installation a copy of it alone is worth nothing. */
export async function hashPassword(identityKey: KeyObject, password: string): Promise<string> {
  const salt = randomBytes(saltBytes)
  const { exponent, blockSize, parallelization } = cost
  const hash = await stretch(identityKey, password, salt, cost)
  return ['scrypt', exponent, blockSize, parallelization, encode(salt), encode(hash)].join('$')
}

const somebodysSalt = randomBytes(saltBytes)
const form = /^scrypt\$(\d{1,2})\$(\d{1,2})\$(\d{1,2})\$([\w-]{22})\$([\w-]{43})$/

/**
 * Whether it is the password. Where there is none to compare with, the same work is done, so that nobody learns from the time who has an
 * account. Throws Problem `temporary-reduced-capacity` where too many ask at once.
 */
export async function isPassword(identityKey: KeyObject, password: string, kept: string | undefined): Promise<boolean> {
  const [, exponent, blockSize, parallelization, salt = '', hash = ''] = form.exec(kept ?? '') ?? []
  if (hash === '') {
    await stretch(identityKey, password, somebodysSalt, cost)
    return false
  }
  const costs = {
    exponent: Number(exponent),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
  }
  const found = await stretch(identityKey, password, Buffer.from(salt, 'base64url'), costs)
  return timingSafeEqual(found, Buffer.from(hash, 'base64url'))
}

async function stretch(identityKey: KeyObject, password: string, salt: Buffer, costs: typeof cost): Promise<Buffer> {
  if (running >= runningMax) {
    if (waiting.length >= waitingMax) throw new Problem('temporary-reduced-capacity')
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running += 1
  try {
    const key = deriveKey(identityKey, 'local passwords')
    // One spelling of what two keyboards write differently (NIST SP 800-63B, 3.1.1.2).
    const text = createHmac('sha256', key).update(password.normalize('NFKC')).digest()
    const options = {
      N: 2 ** costs.exponent,
      r: costs.blockSize,
      p: costs.parallelization,
      maxmem: memoryMaxBytes,
    }
    return await new Promise<Buffer>((resolve, reject) => {
      scrypt(text, salt, hashBytes, options, (error, hash) => (error ? reject(error) : resolve(hash)))
    })
  } finally {
    // The place goes on to whoever waits longest, or is free.
    const next = waiting.shift()
    if (next) next()
    else running -= 1
  }
}

const encode = (bytes: Buffer) => bytes.toString('base64url')
