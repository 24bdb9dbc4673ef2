import { createHmac } from 'node:crypto'

/** Of a Luby-Rackoff network four rounds are a strong permutation in theory; small domains need more (NIST SP 800-38G uses ten). */
const roundsCount = 10

/**
 * A keyed permutation of the numbers below `size`: a balanced Feistel network of HMAC-SHA-256 over the next even number of bits,
 * walked until it falls into the range again. Two originals never get the same pseudonym, however few there are: with a hash alone
 * two of nine stores would soon be one.
 */
export function permute(key: Uint8Array, tweak: string, value: bigint, size: bigint): bigint {
  if (size <= 1n) return value
  const halfBits = BigInt(Math.ceil((size - 1n).toString(2).length / 2))
  let walked = value
  do walked = runRounds(key, tweak, walked, halfBits)
  while (walked >= size)
  return walked
}

function runRounds(key: Uint8Array, tweak: string, value: bigint, halfBits: bigint): bigint {
  const mask = (1n << halfBits) - 1n
  let left = value >> halfBits
  let right = value & mask
  for (let round = 0; round < roundsCount; round += 1) {
    const mixed = left ^ (hashNumber(key, `${tweak}\0${round}\0${right}`) & mask)
    left = right
    right = mixed
  }
  return (left << halfBits) | right
}

/** 128 bits. */
function hashNumber(key: Uint8Array, text: string): bigint {
  return BigInt(`0x${createHmac('sha256', key).update(text).digest('hex').slice(0, 32)}`)
}

/** As many pseudo-random bytes as are wanted, the same ones for the same text under the same key. */
export function keyedBytes(key: Uint8Array, text: string, count: number): Buffer {
  const blocks: Buffer[] = []
  for (let block = 0; block * 32 < count; block += 1) {
    blocks.push(createHmac('sha256', key).update(`${block}\0${text}`).digest())
  }
  return Buffer.concat(blocks).subarray(0, count)
}
