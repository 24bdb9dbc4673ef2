import type { TopicPlan } from '../../contract/bus.ts'

/** What a consumer of the demo must know. */
export interface ConsumerPlan {
  engine: string
  url: string
  topic: TopicPlan
  /** Gets the id of each receipt, one a line, as often as it came. */
  logFile: string
}

const variable = 'TILLFLOW_DEMO_CONSUMER'

/** In the environment, where a password is not shown to everybody as it is on a command line. */
export function writeConsumerPlan(plan: ConsumerPlan): Record<string, string> {
  return { [variable]: JSON.stringify(plan) }
}

export function readConsumerPlan(environment: Readonly<Record<string, string | undefined>>): ConsumerPlan {
  return JSON.parse(environment[variable] ?? '{}') as ConsumerPlan
}
