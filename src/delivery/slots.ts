/** A number of places that can change; whoever finds none waits in line. */
export class Slots {
  #size = 0
  #inUse = 0
  readonly #line: ((isTaken: boolean) => void)[] = []

  get size(): number {
    return this.#size
  }

  /** More than that cannot be in use before the next `resize`. */
  get ceiling(): number {
    return Math.max(this.#size, this.#inUse)
  }

  /** Places above the new size that are in use are not taken again when they are given back. With none, nobody waits in vain. */
  resize(size: number): void {
    this.#size = size
    while (this.#inUse < size && this.#line.length > 0) {
      this.#inUse += 1
      this.#line.shift()?.(true)
    }
    if (size === 0) for (const next of this.#line.splice(0)) next(false)
  }

  /** False when there are no places at all. */
  async take(): Promise<boolean> {
    if (this.#size === 0) return false
    if (this.#inUse >= this.#size) return new Promise<boolean>((resolve) => this.#line.push(resolve))
    this.#inUse += 1
    return true
  }

  give(): void {
    const next = this.#inUse <= this.#size ? this.#line.shift() : undefined
    if (next) next(true)
    else this.#inUse -= 1
  }
}
