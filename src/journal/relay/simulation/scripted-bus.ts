import { type Bus, BusFailure, type BusMessage } from '../../../contract/bus.ts'
import { Process, type World } from '../../../testing/simulation/world.ts'

/** What a broker does, with its likelihoods. */
export interface BusScript {
  refuses: number
  /** Stores some of them, in order per key, and says that it failed. */
  storesPart: number
  /** Stores all, and the confirmation is lost. */
  losesAnswer: number
  /** Never answers, and stores all after a while. */
  hangs: number
  /** Confirms and stores nothing: what no broker may do, to see that it is noticed. */
  lies: number
}

export interface Broker {
  stored: BusMessage[]
  script: BusScript
}

/** A broker as one process of ours sees it; it lives on when the process dies. */
export function createScriptedBus(world: World, owner: Process, broker: Broker): Bus {
  const itself = new Process('broker')
  const fail = () => new BusFailure('the broker said no', { isTransient: true })
  const storeAll = async (messages: readonly BusMessage[], by: Process) => {
    for (const message of messages) {
      await world.step(by)
      broker.stored.push(message)
    }
  }
  const publish = async (messages: readonly BusMessage[]) => {
    await world.step(owner)
    world.maybeStall(owner)
    const { refuses, storesPart, losesAnswer, hangs, lies } = broker.script
    let dice = world.random.next()
    const is = (share: number) => {
      dice -= share
      return dice < 0
    }
    if (is(refuses)) throw fail()
    if (is(storesPart)) {
      const lengths = new Map<string, number>()
      for (const { orderingKey } of messages) lengths.set(orderingKey, Math.floor(world.random.next() * 4))
      for (const message of messages) {
        const left = lengths.get(message.orderingKey) ?? 0
        lengths.set(message.orderingKey, left - 1)
        if (left > 0) await storeAll([message], owner)
      }
      throw fail()
    }
    if (is(losesAnswer)) {
      await storeAll(messages, itself)
      throw fail()
    }
    if (is(hangs)) {
      void world
        .clockOf(itself)
        .sleep(world.random.next() * 60_000)
        .then(() => storeAll(messages, itself))
      return new Promise<void>(() => {})
    }
    if (is(lies)) return
    await storeAll(messages, owner)
    await world.step(owner)
  }
  return {
    name: 'scripted',
    features: { replay: true, partitions: true },
    prepareTopics: async () => {
      await world.step(owner)
      if (world.chance(broker.script.refuses)) throw fail()
    },
    publish,
    subscribe: () => Promise.reject(fail()),
    close: async () => {},
  }
}
