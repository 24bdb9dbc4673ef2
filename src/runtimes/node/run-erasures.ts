import { continueErasures } from '../../privacy/erasure/erase.ts'
import type { ErasureHouse } from '../../privacy/erasure/house.ts'
import { type Repeated, repeat } from './repeat.ts'

const everyMs = 10_000

/** Goes on with erasures that somebody began, until all have come to their end. Several hubs may do it at once. */
export function startErasures(house: ErasureHouse): Repeated {
  return repeat(async () => {
    await continueErasures(house).catch((error: unknown) =>
      house.logger.warn({ error: String(error) }, 'an erasure could not be continued'),
    )
    return everyMs
  })
}
