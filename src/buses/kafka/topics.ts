import { Admin } from '@platformatic/kafka'
import { BusFailure, type TopicPlan } from '../../contract/bus.ts'
import { rememberRefusals, unlessRefused } from './certificate-refusals.ts'
import { hasProtocolError } from './failure.ts'
import { clientOptions, type KafkaSettings } from './options.ts'
import { retryUntil } from './retry.ts'

/**
 * Makes the topics that are not there. One that is there keeps its configuration, which is its operators' business, but must have the
 * partitions: to add some would move keys to others, and their order would be lost.
 */
export async function prepareTopics(
  settings: KafkaSettings,
  plans: readonly TopicPlan[],
  closing: AbortSignal,
): Promise<void> {
  const admin = rememberRefusals(new Admin(clientOptions(settings)), settings)
  const retry = <Result>(doing: string, work: () => Promise<Result>) =>
    retryUntil({ doing, maxMs: settings.retryMaxMs, closing }, () => unlessRefused(admin, work))
  try {
    // Whoever asks for no topic wants to know whether the cluster answers.
    if (plans.length === 0) await retry('the cluster could not be reached', () => admin.metadata({ topics: [] }))
    for (const plan of plans) {
      await retry(`the topic ${plan.topic} could not be made`, () => create(admin, plan, settings.replicasCount))
      await retry(`the topic ${plan.topic} is not ready`, () => check(admin, plan))
    }
  } finally {
    await admin.close()
  }
}

async function create(admin: Admin, plan: TopicPlan, replicasCount: number | undefined): Promise<void> {
  const { topic, partitionsCount: partitions, retentionMs } = plan
  try {
    await admin.createTopics({
      topics: [topic],
      partitions,
      replicas: replicasCount ?? -1,
      configs: [
        { name: 'retention.ms', value: String(retentionMs) },
        // Else a broker that is alone for a while confirms what nobody else has, and it may be the next one to go.
        ...((replicasCount ?? 0) >= 3 ? [{ name: 'min.insync.replicas', value: '2' }] : []),
      ],
    })
  } catch (error) {
    if (!hasProtocolError(error, 'TOPIC_ALREADY_EXISTS')) throw error
  }
}

/** A new topic is known before its partitions have leaders, and publishing at once would fail. */
async function check(admin: Admin, plan: TopicPlan): Promise<void> {
  const metadata = await admin
    .metadata({ topics: [plan.topic], forceUpdate: true })
    .catch((cause: unknown) => fail(`there is no topic ${plan.topic} yet`, true, cause))
  const topic = metadata.topics.get(plan.topic)
  if (!topic || topic.partitions.some(({ leader }) => leader < 0)) {
    return fail(`the topic ${plan.topic} has no leaders yet`, true)
  }
  const { partitionsMin = plan.partitionsCount } = plan
  if (topic.partitionsCount < partitionsMin) {
    const text = `the topic ${plan.topic} has ${topic.partitionsCount} partitions, and ${partitionsMin} are needed`
    return fail(text, false)
  }
}

function fail(text: string, isTransient: boolean, cause?: unknown): never {
  throw new BusFailure(`Kafka: ${text}`, { isTransient, cause })
}
