import { randomUUID } from 'node:crypto'
import type { Pool } from 'pg'
import { systemClock, systemRandom } from '../../contract/clock.ts'
import type {
  Connection,
  ConnectorContext,
  ConnectorFeatures,
  DeliveryEvent,
  Outcome,
  TargetDocument,
} from '../../contract/connector.ts'
import { silentLogger } from '../../contract/logger.ts'
import { decide } from '../decide.ts'
import { type DeliveryPolicy, defaultPolicy } from '../policy.ts'
import { createPostgresDeliveryStore } from '../postgres-store.ts'
import type { DeliveryStore, FedReplay } from '../store.ts'
import type { Target } from '../target.ts'
import { ensureTarget } from '../targets.ts'
import { runWorkers, TargetWorker } from '../worker.ts'

export interface BookedDocument extends TargetDocument {
  subject: string
  idempotencyKey: string
}

/** The books of a target in the outside world, which can be restored from a backup and forget what came after it. */
export class ForgetfulBooks {
  documents: BookedDocument[] = []
  /** Subjects in the order of the requests, with their keys. */
  requests: { subject: string; key: string }[] = []
  lookUps: string[] = []
  /** Lanes with a request on the line, and whether two were ever there at once. */
  readonly #busy = new Set<string>()
  overlapped = false
  latencyMs = 0
  #count = 0
  /** Judges a request before it is booked; an answer ends it. */
  judge: (event: DeliveryEvent, books: ForgetfulBooks) => Outcome | undefined = () => undefined
  /** Loses the answer to a request after it was booked. */
  losesAnswer: (event: DeliveryEvent) => boolean = () => false

  connection(features: ConnectorFeatures): Connection {
    return {
      features,
      postTransaction: (event, context) => this.#post(event, context, features),
      ...(features.lookUp && {
        findPosting: async (event) => {
          this.lookUps.push(event.subject)
          const found = this.documents.filter((one) => one.subject === event.subject)
          return found.length > 0 ? found.map(toDocument) : undefined
        },
      }),
      preview: ({ transaction }) => ({ total: transaction.totals?.grandTotal }),
    }
  }

  async #post(event: DeliveryEvent, context: ConnectorContext, features: ConnectorFeatures): Promise<Outcome> {
    if (this.#busy.has(event.orderingKey)) this.overlapped = true
    this.#busy.add(event.orderingKey)
    if (this.latencyMs > 0) await systemClock.sleep(this.latencyMs)
    this.#busy.delete(event.orderingKey)
    this.requests.push({ subject: event.subject, key: context.idempotencyKey })
    const judged = this.judge(event, this)
    if (judged) return judged
    const known = features.idempotent && this.documents.find((one) => one.idempotencyKey === context.idempotencyKey)
    if (known) return { kind: 'delivered', documents: [toDocument(known)] }
    this.#count += 1
    const booked = { documentId: `D-${this.#count}`, kind: 'sale', amount: '5.00', currency: 'EUR' }
    this.documents.push({ ...booked, subject: event.subject, idempotencyKey: context.idempotencyKey })
    if (this.losesAnswer(event)) return { kind: 'unknown', reason: 'the answer was lost' }
    return { kind: 'delivered', documents: [booked] }
  }

  has(subject: string): boolean {
    return this.documents.some((one) => one.subject === subject)
  }

  /** Forgets what it was asked, and nothing else. */
  listen(): void {
    this.requests = []
    this.lookUps = []
  }
}

function toDocument({ documentId, kind, amount, currency }: BookedDocument): TargetDocument {
  return { documentId, kind, ...(amount !== undefined && { amount }), ...(currency !== undefined && { currency }) }
}

export interface RunningTarget {
  target: Target
  stop(): Promise<void>
  /** There may be something new. */
  wake(): void
  /** How often its workers have looked whether they may work. */
  rounds(): number
  /** The process dies: nothing of it reaches the database or the target any more, and its leases are not given back. */
  kill(): void
}

export interface TargetOptions {
  features?: ConnectorFeatures
  policy?: Partial<DeliveryPolicy>
  leaseMs?: number
  pollMs?: number
  /** Stands between the workers and the database. */
  between?: (store: DeliveryStore) => DeliveryStore
  onReplayed?: (fed: FedReplay) => void
}

/** A target of a hub on a real database, with the books of the outside world behind it. */
export async function makeTarget(
  pool: Pool,
  books: ForgetfulBooks,
  { features = { idempotent: true, lookUp: false, repeatable: true }, policy }: TargetOptions = {},
): Promise<Target> {
  const { targetId } = await ensureTarget(pool, 'erp', 'test')
  return {
    targetId,
    name: 'erp',
    connectorName: 'test',
    connection: books.connection(features),
    policy: { ...defaultPolicy, backoffBaseMs: 5, backoffMaxMs: 20, attemptTimeoutMs: 400, cycleMaxMs: 50, ...policy },
    fetch: () => Promise.reject(new Error('no network')),
  }
}

/** Delivers to it with two workers, as one process does. */
export async function startTarget(
  pool: Pool,
  books: ForgetfulBooks,
  options: TargetOptions = {},
): Promise<RunningTarget> {
  const target = await makeTarget(pool, books, options)
  let isDead = false
  const { between = (store) => store, onReplayed } = options
  let rounds = 0
  const real = createPostgresDeliveryStore(pool)
  const counted: DeliveryStore = {
    ...real,
    readPause: (targetId) => {
      rounds += 1
      return real.readPause(targetId)
    },
  }
  const store = mortal(between(counted), () => isDead)
  const tools = {
    ...{ store, clock: systemClock, random: systemRandom, logger: silentLogger, decide },
    ...(onReplayed && { onReplayed: (_target: Target, fed: FedReplay) => onReplayed(fed) }),
  }
  const timing = { leaseMs: options.leaseMs ?? 2_000, pollMs: options.pollMs ?? 10 }
  const workers = [1, 2].map(() => new TargetWorker(target, { ...tools, workerId: randomUUID() }, timing))
  const running = runWorkers(workers)
  const stop = async () => {
    for (const worker of workers) worker.stop()
    await running
  }
  return {
    target,
    stop,
    rounds: () => rounds,
    wake: () => {
      for (const worker of workers) worker.wake()
    },
    kill: () => {
      isDead = true
      void stop()
    },
  }
}

/** A store whose process may be dead: it neither does anything nor answers. */
function mortal(store: DeliveryStore, isDead: () => boolean): DeliveryStore {
  return new Proxy(store, {
    get: (object, name) => {
      const operation = Reflect.get(object, name)
      if (typeof operation !== 'function') return operation
      return async (...args: unknown[]) => {
        if (isDead()) throw new Error('dead')
        const answer = await operation.apply(object, args)
        if (isDead()) throw new Error('dead')
        return answer
      }
    },
  })
}

/** Waits until something is so, and fails when it never is. */
export async function until(met: () => Promise<boolean> | boolean, what: string): Promise<void> {
  for (let look = 0; look < 1_500; look += 1) {
    if (await met()) return
    await systemClock.sleep(10)
  }
  throw new Error(`it never came to this: ${what}`)
}
