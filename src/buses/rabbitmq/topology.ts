import type { Channel } from 'rabbitmq-client'
import { deadLetterExchange, deadLetterQueueOf } from './names.ts'

/** An exchange that routes by patterns; declaring it again changes nothing. */
export async function declareTopic(channel: Channel, topic: string): Promise<void> {
  await channel.exchangeDeclare({ exchange: topic, type: 'topic', durable: true })
}

/**
 * The queue of a group, which gets everything of the topic from now on, and its dead letters. Quorum queues: on disk before they
 * are confirmed, replicated where there are several nodes. One consumer at a time, so that keys keep their order. Dead letters are
 * confirmed by their queue before they leave this one (`at-least-once`, which wants `reject-publish`; no length is set, so that
 * nothing is ever rejected for it).
 */
export async function declareGroupQueue(
  channel: Channel,
  options: { topic: string; queue: string; deliveryLimit: number },
): Promise<void> {
  const { topic, queue, deliveryLimit } = options
  const deadLetterQueue = deadLetterQueueOf(queue)
  await declareTopic(channel, topic)
  await channel.exchangeDeclare({ exchange: deadLetterExchange, type: 'direct', durable: true })
  await channel.queueDeclare({ queue: deadLetterQueue, durable: true, arguments: { 'x-queue-type': 'quorum' } })
  await channel.queueBind({ queue: deadLetterQueue, exchange: deadLetterExchange, routingKey: deadLetterQueue })
  await channel.queueDeclare({
    queue,
    durable: true,
    arguments: {
      'x-queue-type': 'quorum',
      'x-single-active-consumer': true,
      'x-delivery-limit': deliveryLimit,
      'x-dead-letter-exchange': deadLetterExchange,
      'x-dead-letter-routing-key': deadLetterQueue,
      'x-dead-letter-strategy': 'at-least-once',
      'x-overflow': 'reject-publish',
    },
  })
  await channel.queueBind({ queue, exchange: topic, routingKey: '#' })
}
