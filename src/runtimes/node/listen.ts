import { Client } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { journalChannel } from '../../journal/append.ts'

/** Wakes on NOTIFY. A lost connection is made again; until then the polling floor of those who wait serves. */
export function listenToJournal(url: string, wake: () => void, logger: Logger): { stop(): Promise<void> } {
  const stopped = new AbortController()
  let current: Client | undefined
  const connect = async () => {
    while (!stopped.signal.aborted) {
      const client = new Client({ connectionString: url, application_name: 'tillflow-listen', keepAlive: true })
      const ended = new Promise<void>((resolve) => {
        client.on('end', resolve)
        client.on('error', () => resolve())
      })
      try {
        await client.connect()
        current = client
        client.on('notification', wake)
        await client.query(`listen ${journalChannel}`)
        wake()
        await ended
      } catch (error) {
        logger.debug({ error: String(error) }, 'listening for new events failed')
      }
      await client.end().catch(() => {})
      await systemClock.sleep(500, stopped.signal)
    }
  }
  const running = connect()
  return {
    stop: async () => {
      stopped.abort()
      await current?.end().catch(() => {})
      await running
    },
  }
}
