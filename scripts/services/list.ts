import { chromium } from './chromium.ts'
import { glewlwyd } from './glewlwyd.ts'
import { kafka } from './kafka.ts'
import { keycloak } from './keycloak.ts'
import { postgres } from './postgres.ts'
import { rabbitmq } from './rabbitmq.ts'
import type { Service } from './service.ts'
import { tryton } from './tryton.ts'

/** Every service, those that others need first. */
const services: readonly Service[] = [postgres, tryton, rabbitmq, kafka, keycloak, glewlwyd, chromium]

export const serviceNames = services.map((service) => service.name)

/**
 * The named services, all of them without a name, in the order in which they start. `withNeeds`: what they need too; otherwise
 * what needs them, which cannot stay up without them. Undefined for a name that is none.
 */
export function chooseServices(names: readonly string[], withNeeds: boolean): Service[] | undefined {
  if (names.some((name) => !services.some((service) => service.name === name))) return undefined
  const wanted = new Set(names.length > 0 ? names : services.map((service) => service.name))
  for (const service of withNeeds ? services.toReversed() : services) {
    if (!withNeeds && service.needs.some((needed) => wanted.has(needed))) wanted.add(service.name)
    if (withNeeds && wanted.has(service.name)) for (const needed of service.needs) wanted.add(needed)
  }
  return services.filter((service) => wanted.has(service.name))
}
