import { randomBytes } from 'node:crypto'
import { describe } from 'vitest'
import { requireService } from '../peers/require-service.ts'
import { describeFedDelivery } from './describe-fed-delivery.ts'

const address = await requireService('kafka')

describe.skipIf(!address)('on Kafka', () => {
  describeFedDelivery('kafka', async () => ({
    TILLFLOW_BUS_URL: `kafka://${address?.brokers ?? ''}`,
    TILLFLOW_BUS_TOPIC_PREFIX: `suite.${randomBytes(4).toString('hex')}`,
  }))
})
