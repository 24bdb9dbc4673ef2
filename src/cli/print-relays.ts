import type { RelayStatus } from '../journal/relay/queries.ts'
import { printLine, printTable } from './print.ts'

/** How far the events are on their way to a bus, where there is one. */
export function printRelays(relays: readonly RelayStatus[]): void {
  if (relays.length === 0) return
  printLine()
  printTable(
    ['RELAY', 'STATE', 'PENDING', 'OLDEST PENDING', 'LAST CONFIRMED'],
    relays.map(({ relay, isLed, lagEvents, oldestPendingAt, publishedAt }) => [
      relay,
      isLed ? 'running' : 'nobody',
      lagEvents,
      oldestPendingAt?.toISOString() ?? '-',
      publishedAt?.toISOString() ?? '-',
    ]),
  )
}
