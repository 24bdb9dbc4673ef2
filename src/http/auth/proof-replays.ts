import { Problem } from '../../contract/problem.ts'

/** Above what one process answers in the minutes for which a nonce is taken. */
const rememberedMax = 2_000_000

/**
 * The proofs that this process has seen, for as long as their nonces are taken: what is forgotten is refused by its nonce. Of each 48
 * bits are kept, so that of two million the odds that a new one is taken for an old one are one in a hundred million.
 */
export class ProofReplays {
  readonly #byStep = new Map<number, Set<number>>()
  readonly #max: number

  constructor(max = rememberedMax) {
    this.#max = max
  }

  /** Remembers a proof by a SHA-256. False: it was here before. Throws Problem `temporary-reduced-capacity` rather than forget one. */
  isFirst(digest: Buffer, step: number, oldestStep: number): boolean {
    let count = 0
    for (const [one, seen] of this.#byStep) {
      if (one < oldestStep) this.#byStep.delete(one)
      else count += seen.size
    }
    if (count >= this.#max) throw new Problem('temporary-reduced-capacity')
    const seen = this.#byStep.get(step) ?? new Set()
    this.#byStep.set(step, seen)
    const short = digest.readUIntBE(0, 6)
    if (seen.has(short)) return false
    seen.add(short)
    return true
  }
}
