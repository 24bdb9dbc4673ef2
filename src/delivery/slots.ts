/** A counted number of places; whoever finds none waits in line. */
export class Slots {
  #free: number
  readonly #line: (() => void)[] = []

  constructor(count: number) {
    this.#free = count
  }

  async take(): Promise<void> {
    if (this.#free > 0) {
      this.#free -= 1
      return
    }
    await new Promise<void>((resolve) => this.#line.push(resolve))
  }

  give(): void {
    const next = this.#line.shift()
    if (next) next()
    else this.#free += 1
  }
}
