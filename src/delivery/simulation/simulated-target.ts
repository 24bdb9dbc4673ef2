import type { Connection, ConnectorFeatures, DeliveryEvent, Outcome, TargetDocument } from '../../contract/connector.ts'
import type { Process, World } from '../../testing/simulation/world.ts'

export interface TargetFaults {
  /** Probability that a request is refused for now (503), certain to have had no effect. */
  refuse: number
  /** Probability that the effect happens and the answer is lost. */
  loseAnswer: number
  /** Probability that a request hangs until the caller gives up; half of those have their effect. */
  hang: number
}

/** Who sends, and the wire that goes on when the sender is dead. */
export interface Ends {
  owner: Process
  network: Process
}

/** A system at the other end: it records every effect, in order, and knows nothing of the hub. */
export class SimulatedTarget {
  /** Event ids in the order of their effects, doubles included. */
  readonly effects: string[] = []
  readonly poison: ReadonlySet<string>
  /** Answers 410 to everything until an operator mends the address. */
  gone = false
  /** Requests that were answered so. */
  goneAnswers = 0
  faults: TargetFaults
  readonly features: ConnectorFeatures
  readonly #world: World

  constructor(world: World, features: ConnectorFeatures, faults: TargetFaults, poison: ReadonlySet<string>) {
    this.#world = world
    this.features = features
    this.faults = faults
    this.poison = poison
  }

  /** A connection that belongs to one process: what a dead process has sent still arrives, its answer does not. */
  connect(owner: Process, network: Process): Connection {
    return {
      features: this.features,
      postTransaction: async (event, context) => {
        // The way out lets nothing pass when the time of the attempt is over.
        await context.fetch('', { method: 'POST' })
        return this.request(event, event.eventId, { owner, network, signal: context.signal })
      },
      ...(this.features.lookUp && {
        findPosting: async (event: DeliveryEvent) =>
          (await this.has(event.eventId, { owner, network })) ? [documentOf(event)] : undefined,
      }),
    }
  }

  /** One request for one effect, and what its sender hears of it. */
  async request(event: DeliveryEvent, effect: string, ends: Ends & { signal: AbortSignal }): Promise<Outcome> {
    await this.#travel(ends.network)
    const { kind, late } = this.#receive(event, effect)
    if (late) await this.#world.clockOf(ends.network).sleep(60_000, ends.signal)
    await this.#world.step(ends.owner)
    return kind
  }

  async has(effect: string, { owner, network }: Ends): Promise<boolean> {
    await this.#travel(network)
    const found = this.effects.includes(effect)
    await this.#world.step(owner)
    return found
  }

  async #travel(network: Process): Promise<void> {
    await this.#world.step(network)
    await this.#world.clockOf(network).sleep(this.#world.random.next() * 200)
  }

  #receive(event: DeliveryEvent, effect: string): { kind: Outcome; late: boolean } {
    if (this.gone) {
      this.goneAnswers += 1
      return { kind: { kind: 'gone', reason: '410' }, late: false }
    }
    const { refuse, loseAnswer, hang } = this.faults
    const dice = this.#world.random.next()
    if (dice < refuse) return { kind: { kind: 'retry', reason: '503' }, late: false }
    if (this.poison.has(event.eventId)) return { kind: { kind: 'rejected', reason: '422' }, late: false }
    if (dice < refuse + hang) {
      if (this.#world.chance(0.5)) this.#take(effect)
      return { kind: { kind: 'unknown', reason: 'hangs' }, late: true }
    }
    this.#take(effect)
    if (dice < refuse + hang + loseAnswer) return { kind: { kind: 'unknown', reason: 'answer lost' }, late: false }
    return { kind: { kind: 'delivered', documents: [documentOf(event)] }, late: false }
  }

  #take(effect: string): void {
    if (this.features.idempotent && this.effects.includes(effect)) return
    this.effects.push(effect)
  }
}

export function documentOf(event: DeliveryEvent): TargetDocument {
  return { documentId: `doc-${event.eventId}`, kind: 'sale' }
}
