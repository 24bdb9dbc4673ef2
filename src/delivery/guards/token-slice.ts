/** Tokens that one worker has drawn from the shared budget and not used yet. */
export class TokenSlice {
  #tokens = 0
  #expiresAt = 0

  /** A new slice; what is left of the one before is void, since its place in the budget is gone. */
  fill(tokens: number, expiresAt: number): void {
    this.#tokens = tokens
    this.#expiresAt = expiresAt
  }

  /** Until when the token must be used; undefined: there is none. */
  take(now: number): number | undefined {
    if (this.#tokens < 1 || now >= this.#expiresAt) return undefined
    this.#tokens -= 1
    return this.#expiresAt
  }
}
