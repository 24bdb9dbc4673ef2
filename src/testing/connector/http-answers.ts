import { describe, expect, it } from 'vitest'
import type { Connection, HttpAnswer, Outcome } from '../../contract/connector.ts'
import { makeSale } from '../receipts.ts'
import { type AnswerCase, answerCases } from './answers.ts'
import { type Play, recordContext, type SentRequest } from './context.ts'
import { makeEvent } from './events.ts'

/** How a target over HTTP says yes, and where its requests carry the key. */
export interface HttpTarget {
  accept(request: SentRequest): HttpAnswer
  /** The event's key, or the receipt's where theirs is the only name. Absent: the target knows no keys, and looks by reference. */
  idempotencyKeyOf?(request: SentRequest): string | undefined
  /** For connectors of several requests: whether this one changes anything. Others only prepare, and are answered well. */
  changes?(request: SentRequest): boolean
  /** A refused session is opened anew and the request made once more. */
  logsInAgain?: true
  /** False where a 2xx says it all, as with webhooks. */
  readsBody: boolean
}

/** What a connector makes of every kind of answer. */
export function describeHttpAnswers(connect: () => Connection, target: HttpTarget, secrets: readonly string[]): void {
  const accept: Play = async (request) => target.accept(request)
  const changes = (request: SentRequest) => target.changes?.(request) ?? true
  /** What changes something meets the case; what prepares it goes well. */
  const meet =
    (play: Play): Play =>
    async (request) =>
      changes(request) ? play(request) : target.accept(request)

  describe('answers', () => {
    it('is delivered, with the documents of the target, when the target says yes', async () => {
      const outcome = await post(connect(), recordContext(accept).context)
      expect(outcome.kind).toBe('delivered')
      const documents = outcome.kind === 'delivered' ? outcome.documents : []
      expect(documents.length).toBeGreaterThan(0)
      for (const document of documents) expect(document.documentId).not.toBe('')
    })

    it.each(answerCases)('makes its outcome of $name', async (one) => {
      const connection = connect()
      const outcome = await post(connection, recordContext(meet(one.play)).context)
      expect(outcome).toMatchObject(expectedOf(one, connection, target))
      if (outcome.kind !== 'delivered' && outcome.kind !== 'waits') expect(outcome.reason).not.toBe('')
    })

    it('sends the same key in every attempt, and another one for another event', async (test) => {
      const { idempotencyKeyOf } = target
      if (!idempotencyKeyOf) return test.skip()
      const connection = connect()
      const [one, other] = [makeEvent(makeSale(1)), makeEvent(makeSale(2))]
      const keys: (string | undefined)[] = []
      for (const [event, attempt] of [
        [one, 1],
        [one, 2],
        [one, 7],
        [other, 1],
      ] as const) {
        const { context, sent } = recordContext(accept, { attempt, idempotencyKey: event.eventId })
        await connection.postTransaction?.(event, context)
        keys.push(...sent.map((request) => idempotencyKeyOf(request)))
      }
      const nameOf = keys[0] === one.eventId ? 'eventId' : 'subject'
      expect(keys).toEqual([one[nameOf], one[nameOf], one[nameOf], other[nameOf]])
    })

    it('sends the same body in every attempt', async () => {
      const connection = connect()
      const event = makeEvent()
      const bodies: unknown[][] = []
      for (const attempt of [1, 2]) {
        const { context, sent } = recordContext(accept, { attempt })
        await connection.postTransaction?.(event, context)
        bodies.push(sent.filter(changes).map((request) => request.body))
      }
      expect(bodies[0]).toEqual(bodies[1])
      expect(bodies[0]?.[0]).toBeDefined()
    })

    it('makes no further request after one that failed', async () => {
      for (const { play, expected } of answerCases) {
        const { context, sent } = recordContext(meet(play))
        await post(connect(), context)
        const refused = expected.kind === 'retry' && target.logsInAgain && (await isUnauthorized(play))
        expect(sent.filter(changes)).toHaveLength(refused ? 2 : 1)
      }
    })

    it('passes the end of its time on to the request', async () => {
      let signal: AbortSignal | undefined
      const started = Promise.withResolvers<void>()
      const { context, abort } = recordContext(
        meet((request) => {
          signal = request.signal
          started.resolve()
          return new Promise((_, reject) => {
            request.signal?.addEventListener('abort', () => reject(new Error('aborted')))
            if (request.signal === undefined) reject(new Error('no signal'))
          })
        }),
      )
      const posting = post(connect(), context)
      await started.promise
      abort()
      expect((await posting).kind).toBe('unknown')
      expect(signal?.aborted).toBe(true)
    })

    it('keeps its secrets out of outcomes and logs, also when the target repeats them', async () => {
      const echo = (status: number): Play => {
        return async (request) => ({
          status,
          headers: { 'x-echo': secrets.join() },
          body: JSON.stringify({ error: { code: secrets[0], message: secrets.join() }, request }),
        })
      }
      for (const play of [...answerCases.map((one) => one.play), echo(200), echo(401), echo(422), echo(500)]) {
        const { context, logged } = recordContext(meet(play))
        const text = JSON.stringify(await post(connect(), context)) + logged.join('\n')
        for (const secret of secrets) expect(text).not.toContain(secret)
      }
    })
  })
}

async function isUnauthorized(play: Play): Promise<boolean> {
  return play({ url: '', method: 'POST' }).then(
    (answer) => answer.status === 401,
    () => false,
  )
}

function expectedOf(one: AnswerCase, { features }: Connection, { readsBody }: HttpTarget): object {
  if (one.successByStatus && !readsBody) return { kind: 'delivered' }
  return features.idempotent ? one.expected : (one.withoutIdempotency ?? one.expected)
}

async function post(connection: Connection, context: Parameters<NonNullable<Connection['postTransaction']>>[1]) {
  const outcome: Outcome | undefined = await connection.postTransaction?.(makeEvent(), context)
  return outcome ?? expect.unreachable('the connection takes no transactions')
}
