import { requireService } from '../test/peers/require-service.ts'

/** The address of a broker on this machine as in the setting `busUrl`; undefined, with a line on stderr, where there is none. */
export async function findBusUrl(engine: string): Promise<string | undefined> {
  const address = await requireService(engine)
  return engine === 'kafka' ? address && `kafka://${address.brokers ?? ''}` : address?.url
}
