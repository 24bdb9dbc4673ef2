/** Looks over the shoulders of all consumers of a group: no partition may be in two calls at a time. */
export class PartitionWatch {
  /** What went against the contract, in words. */
  readonly faults: string[] = []
  /** Without partitions every consumer has one of its own. */
  readonly hasPartitions: boolean
  readonly #busy = new Map<string, Set<AbortSignal>>()

  constructor(hasPartitions: boolean) {
    this.hasPartitions = hasPartitions
  }

  /** A call begins; the function that is returned ends it. One whose partition was taken away does not count. */
  enter(partition: string, signal: AbortSignal): () => void {
    const calls = this.#busy.get(partition) ?? new Set()
    this.#busy.set(partition, calls)
    if (this.hasPartitions && [...calls].some((other) => !other.aborted))
      this.faults.push(`a call for ${partition} while another one is on its way`)
    calls.add(signal)
    return () => calls.delete(signal)
  }
}
