import { collectErrors } from './failure.ts'

interface PartitionAnswer {
  index: number
  errorCode: number
}

/** The part of a produce answer that a failure carries with it. */
interface ProduceAnswer {
  response?: { responses?: readonly { name: string; partitionResponses: readonly PartitionAnswer[] }[] }
  produced?: { offsets?: readonly { topic: string; partition: number }[] }
}

/**
 * Whether a partition's batch was stored although the request as a whole failed: because of another partition, or another broker.
 * Only the others are sent again, as a double of everything would be the rule whenever one partition has a new leader.
 */
export function confirmedPartitions(error: unknown): (topic: string, partition: number) => boolean {
  const confirmed = new Set<string>()
  for (const { response, produced } of collectErrors(error) as (Error & ProduceAnswer)[]) {
    for (const { topic, partition } of produced?.offsets ?? []) confirmed.add(`${topic}/${partition}`)
    for (const { name, partitionResponses } of response?.responses ?? []) {
      for (const { index, errorCode } of partitionResponses) if (errorCode === 0) confirmed.add(`${name}/${index}`)
    }
  }
  return (topic, partition) => confirmed.has(`${topic}/${partition}`)
}
