import { Client } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { busChannel, membersChanged } from './queries.ts'

type Wake = (haveMembersChanged: boolean) => void

const reconnectAfterMs = 500

/** Wakes consumers on NOTIFY, over one connection, which is made when the first one listens and made again when it is lost. */
export class BusListener {
  readonly #url: string
  readonly #logger: Logger
  readonly #wakes = new Set<Wake>()
  readonly #closed = new AbortController()
  #current: Client | undefined
  #running: Promise<void> | undefined

  constructor(url: string, logger: Logger) {
    this.#url = url
    this.#logger = logger
  }

  /** Until the function that is returned is called. */
  listen(wake: Wake): () => void {
    this.#wakes.add(wake)
    this.#running ??= this.#run()
    return () => this.#wakes.delete(wake)
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#current?.end().catch(() => {})
    await this.#running
  }

  async #run(): Promise<void> {
    const { signal } = this.#closed
    while (!signal.aborted) {
      const client = new Client({
        connectionString: this.#url,
        application_name: 'tillflow-bus-listen',
        keepAlive: true,
      })
      const ended = new Promise<void>((resolve) => {
        client.on('end', resolve)
        client.on('error', () => resolve())
      })
      try {
        await client.connect()
        this.#current = client
        if (signal.aborted) break
        client.on('notification', ({ payload }) => this.#wakeAll(payload === membersChanged))
        await client.query(`listen ${busChannel}`)
        this.#wakeAll(true)
        await ended
      } catch (error) {
        this.#logger.debug({ error: String(error) }, 'listening to the bus failed')
      } finally {
        await client.end().catch(() => {})
      }
      await systemClock.sleep(reconnectAfterMs, signal)
    }
  }

  #wakeAll(haveMembersChanged: boolean): void {
    for (const wake of this.#wakes) wake(haveMembersChanged)
  }
}
