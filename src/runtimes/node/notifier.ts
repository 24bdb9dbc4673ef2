import type { Pool } from 'pg'
import { journalChannel } from '../../journal/append.ts'

/** Between two wake-ups; NOTIFY takes a lock that serialises commits, so it is not sent with every one of them. */
const everyMs = 20

/** Tells listeners, of this process too, that the journal has grown, at most fifty times a second. */
export function createNotifier(pool: Pool): { notify(): void; stop(): void } {
  let timer: NodeJS.Timeout | undefined
  const send = () => {
    timer = undefined
    // A wake-up that does not arrive is made good by the polling floor.
    pool.query(`notify ${journalChannel}`).catch(() => {})
  }
  return {
    notify: () => {
      timer ??= setTimeout(send, everyMs)
    },
    stop: () => clearTimeout(timer),
  }
}
