import { type EventType, eventTypes, type StateEventType, stateEventTypes } from './event.ts'

/** Which events go first where a target cannot take everything at once; in this order. */
export const eventClasses = ['sales', 'privacy', 'stock', 'catalogue'] as const
export type EventClass = (typeof eventClasses)[number]

/** What delivery must know of a type of events. */
export interface EventTraits {
  class: EventClass
  /**
   * `flow`: each one counts (a sale). `state`: the last one of a subject says it all (a stock level). `erasure`: it must arrive,
   * and bears being repeated.
   */
  kind: 'flow' | 'state' | 'erasure'
}

/** Every type that targets get, one row each. What is not here stays in the journal. */
const traits: Partial<Record<EventType | StateEventType, EventTraits>> = {
  [eventTypes.recorded]: { class: 'sales', kind: 'flow' },
  [eventTypes.customerErased]: { class: 'privacy', kind: 'erasure' },
  [stateEventTypes.stockLevelChanged]: { class: 'stock', kind: 'state' },
  [stateEventTypes.catalogueItemChanged]: { class: 'catalogue', kind: 'state' },
}

export const deliveredTypes = Object.keys(traits)

/** Undefined: it is not for targets. */
export function traitsOf(eventType: EventType | StateEventType): EventTraits | undefined {
  return traits[eventType]
}
