/**
 * The road to everyone else: a broker that takes the journal's events out and brings what others publish in. Every engine
 * passes `testing/bus-conformance.ts` and says in `features` what it does not promise.
 */
export interface Bus {
  name: string
  features: BusFeatures
  /** Makes sure that these topics are there; repeating it changes nothing. Without any it resolves when the broker answers. */
  prepareTopics(topics: readonly TopicPlan[]): Promise<void>
  /**
   * Resolves when the broker has confirmed that every message is stored. Rejects with a `BusFailure` otherwise: any part of
   * them may be stored then, and the caller publishes them all again. Messages of one ordering key are stored in the order given.
   */
  publish(messages: readonly BusMessage[]): Promise<void>
  /** Begins to consume; resolves when the broker has accepted the subscription. Rejects for good after `close`, or when it comes meanwhile. */
  subscribe(subscription: Subscription): Promise<BusConsumer>
  /** Ends every consumer after the calls on their way, and waits for no broker that is away longer than some seconds. */
  close(): Promise<void>
}

/** What engines differ in. All keep the order of a key within a group, and none drops what a publisher repeats: consumers collapse by id. */
export interface BusFeatures {
  /** A new group reads what was published before it came. */
  replay: boolean
  /** Topics have numbered partitions, one consumer of a group each; `onAssigned` and `onRevoked` are called. */
  partitions: boolean
  /** One consumer of a group gets messages at a time; the others stand by, and one of them takes over when it goes. */
  groupsStandBy?: true
}

/** In PEM: whom a broker is believed by instead of those that came with Node.js, and what it is shown. */
export interface BusTls {
  certificateAuthorities?: string
  /** A certificate, with those between it and its authority, and its key. */
  client?: { certificate: string; key: string }
}

export interface TopicPlan {
  topic: string
  /** Partitions, where the engine has them. */
  partitionsCount: number
  /** A topic that is there already may have as few; default: `partitionsCount`. */
  partitionsMin?: number
  /** How long messages are kept at least, where the engine keeps what was read. */
  retentionMs: number
}

/** One message: opaque bytes, with headers as text. Where it is a CloudEvent, `cloudEvent` has its attributes. */
export interface BusMessage {
  topic: string
  /** Messages of one key keep their order. */
  orderingKey: string
  /** The partition to put it in, where the engine has partitions; undefined: the engine's own choice by key. */
  partition?: number
  headers: Readonly<Record<string, string>>
  /** The attributes and extensions of CloudEvents 1.0 in binary mode, without prefix; `specversion`, `id`, `source` and `type` at least. `datacontenttype` is `contentType` and not repeated here. */
  cloudEvent?: Readonly<Record<string, string>>
  contentType: string
  body: Uint8Array
}

/** A message as a consumer gets it. */
export interface ReceivedMessage extends BusMessage {
  partition: number
  /** The engine's own place of it, as decimal text: an offset, a delivery tag. */
  offset: string
  /** Given at least once before, as far as the engine knows. */
  redelivered: boolean
}

export interface Subscription {
  /** Consumers of one group share the topics; every group gets everything. */
  group: string
  topics: readonly string[]
  /**
   * Somebody else made these topics and publishes into them: nothing is declared, bound or changed. Where an engine reads queues,
   * they are names of queues then, and everybody who reads such a queue shares it, whatever the group.
   */
  topicsAreForeign?: boolean
  /** The most messages that one call brings. */
  batchMax: number
  /**
   * The most messages that wait in memory for their call or are in one, of all partitions of this consumer together; RabbitMQ counts
   * those of each topic. Where an engine bounds bytes as well it is by its option `prefetchBytesMax`, in sum over all partitions too.
   */
  prefetchMax: number
  /**
   * The messages of one partition, in order. When it resolves they are acknowledged (the offset is committed); when it rejects,
   * or the process dies, they come again. The next call for the same partition comes after this one has ended. `signal` aborts
   * when the partition is taken away: what is done after that must be fenced by the caller.
   */
  onMessages(messages: readonly ReceivedMessage[], partition: PartitionRef, signal: AbortSignal): Promise<void>
  /** Before the first message of partitions that this consumer now has. */
  onAssigned?(partitions: readonly PartitionRef[]): Promise<void>
  /** After the calls for these partitions have ended or were told to. They are gone also where it rejects, which `onTrouble` is told of. */
  onRevoked?(partitions: readonly PartitionRef[]): Promise<void>
  /** Something is wrong and the engine tries again by itself; for logs. */
  onTrouble?(failure: BusFailure): void
}

export interface PartitionRef {
  topic: string
  partition: number
}

export interface BusConsumer {
  /** Stops after the calls on their way; what they acknowledged is committed. */
  close(): Promise<void>
}

/** The broker could not be reached, refused, or did not confirm. */
export class BusFailure extends Error {
  override readonly name = 'BusFailure'
  /** The same call may succeed later; false: never with these messages or settings. */
  readonly isTransient: boolean

  constructor(message: string, options: { isTransient: boolean; cause?: unknown }) {
    super(message, { cause: options.cause })
    this.isTransient = options.isTransient
  }
}
