import { afterEach, describe, expect, it } from 'vitest'
import { BusBench } from './bus/bench.ts'
import type { BusConformance } from './bus/conformance-options.ts'
import { describeGroups } from './bus/groups.ts'
import { describeLimits } from './bus/limits.ts'
import { describeOrdering } from './bus/ordering.ts'
import { describeRebalancing } from './bus/rebalancing.ts'
import { describeRedelivery } from './bus/redelivery.ts'
import { describeReplaying } from './bus/replaying.ts'
import { describeRestarting } from './bus/restarting.ts'
import { describeRoundTrip } from './bus/round-trip.ts'

export type { BusConformance }

/**
 * The one suite that every bus passes, on the real broker. What an engine does not promise in its `features` is not asked of
 * it; whatever it promises is. Topics and groups have names of their own, so that a broker may serve several runs.
 */
export function describeBusConformance(name: string, options: BusConformance): void {
  const bench = new BusBench(options)

  describe(`the bus ${name}`, () => {
    afterEach(() => bench.end())

    it('has the name by which it is chosen', async () => expect((await bench.open()).name).toBe(name))
    describe('round trip', () => describeRoundTrip(bench))
    describe('order', () => describeOrdering(bench))
    describe('groups', () => describeGroups(bench))
    describe('redelivery', () => describeRedelivery(bench))
    describe('rebalancing', () => describeRebalancing(bench))
    describe('replay', () => describeReplaying(bench))
    describe('limits', () => describeLimits(bench))
    describe('a broker that restarts', () => describeRestarting(bench))
  })
}
