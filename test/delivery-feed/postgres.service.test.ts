import { describeFedDelivery } from './describe-fed-delivery.ts'

describeFedDelivery('postgres', async () => ({}))
