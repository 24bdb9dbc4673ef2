/** So many lanes must fail one after another, with none delivered between, before the target itself is thought to be down. */
export const failedLanesForOutage = 3

/**
 * Tells a poison event from an outage: one lane that fails again and again says something about its event, several lanes
 * that all fail say something about the target. During an outage no event runs out of attempts, and only probes are sent.
 */
export class TargetHealth {
  readonly #failedKeys = new Set<string>()
  #outages = 0

  get isDown(): boolean {
    return this.#failedKeys.size >= failedLanesForOutage
  }

  /** Cycles since the outage began; the base of the rest between probes. */
  get outageCycles(): number {
    return this.#outages
  }

  noteFailure(orderingKey: string): void {
    if (this.#failedKeys.size < failedLanesForOutage) this.#failedKeys.add(orderingKey)
  }

  /** The target took or judged something: it is there. Returns whether that ends an outage. */
  noteAnswer(): boolean {
    const wasDown = this.isDown
    this.#failedKeys.clear()
    this.#outages = 0
    return wasDown
  }

  noteCycle(): void {
    if (this.isDown) this.#outages += 1
  }
}
