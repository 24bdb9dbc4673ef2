import type { Connection, ConnectorContext, DeliveryEvent, Outcome, TargetDocument } from '../../contract/connector.ts'
import { documentOf, type Ends, type SimulatedTarget } from './simulated-target.ts'

/** The last one is the effect that the order and the count of effects are judged by. */
const steps = ['sale', 'payment', 'invoice'] as const
const lastStep = 'invoice'

/**
 * A connector that makes three documents of one event, each with a request of its own, as one for a real ERP does. With
 * `looksFirst: false` it believes its records alone, which the simulation must notice: a process can die between the effect and
 * its record.
 */
export function connectInSteps(target: SimulatedTarget, ends: Ends, looksFirst: boolean): Connection {
  const effectOf = (event: DeliveryEvent, step: string) =>
    step === lastStep ? event.eventId : `${event.eventId}/${step}`
  const takeStep = async (
    event: DeliveryEvent,
    step: string,
    { steps: { done, record }, signal, fetch }: ConnectorContext,
  ): Promise<Outcome | undefined> => {
    if (done.has(step)) return undefined
    const isThere = looksFirst && (await target.has(effectOf(event, step), ends))
    // The way out lets nothing pass when the time of the attempt is over.
    await fetch('', { method: 'POST' })
    const outcome = isThere ? undefined : await target.request(event, effectOf(event, step), { ...ends, signal })
    if (outcome !== undefined && outcome.kind !== 'delivered') return outcome
    await record(step, stepDocument(event, step))
    return undefined
  }
  return {
    features: target.features,
    postTransaction: async (event, context) => {
      for (const step of steps) {
        const stopped = await takeStep(event, step, context)
        if (stopped) return stopped
      }
      return { kind: 'delivered', documents: [...context.steps.done.values()] }
    },
    findPosting: async (event) => {
      for (const step of steps) if (!(await target.has(effectOf(event, step), ends))) return undefined
      return steps.map((step) => stepDocument(event, step))
    },
  }
}

function stepDocument(event: DeliveryEvent, step: string): TargetDocument {
  return { ...documentOf(event), documentId: `doc-${event.eventId}-${step}`, kind: step }
}
