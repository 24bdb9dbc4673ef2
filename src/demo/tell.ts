import { say } from '../cli/print.ts'
import { printJourney } from '../cli/print-journey.ts'
import { readReceiptJourney } from '../cli/receipt-journey.ts'
import { connectors } from '../connectors/index.ts'
import { loadSettings } from '../settings/load-settings.ts'
import type { Acknowledgement } from '../simulator/sender/acknowledgements.ts'
import type { BusReckoning } from './bus/reckon-bus.ts'
import type { DemoOptions } from './demo-options.ts'
import type { DemoHub } from './hub.ts'
import type { Reckoning } from './reckon.ts'
import type { DemoSummary } from './run-demo.ts'

/** One receipt from the till to every system. */
export async function tellJourney(hub: DemoHub, acknowledged: readonly Acknowledgement[]): Promise<void> {
  const one = acknowledged.find((candidate) => candidate.postable)
  if (!one) return
  const { settings } = loadSettings({ environment: {}, file: hub.settingsFile })
  const journey = await readReceiptJourney(await hub.findPool(), one.transactionId, settings, connectors)
  if (!journey) return
  say('\nThe journey of one receipt:')
  printJourney(journey, false, (line = '') => say(`  ${line}`))
}

export function tellSummary(summary: DemoSummary, reckoning: Reckoning, onBus: BusReckoning | undefined): void {
  const { receipts, targets } = summary
  say(
    `\n${receipts.sent} receipts sent, ${receipts.acknowledged} acknowledged as recorded, ${receipts.quarantined} quarantined, ${receipts.conflicts} conflicts, ${receipts.duplicates} duplicates answered again`,
  )
  for (const one of targets)
    say(
      `  ${one.name.padEnd(9)} delivered ${one.delivered}, skipped ${one.skipped}, parked ${one.parked}, waiting ${one.waiting}, pending ${one.pending}`,
    )
  say(`  missing till numbers named: ${summary.gaps}`)
  const { hub, worker, database } = summary.kills
  if (hub + worker + database > 0)
    say(
      `  killed with SIGKILL: hub ${hub}, delivery ${worker}, database ${database}; uploads sent again: ${summary.retries}`,
    )
  say(`  lost: ${summary.lost}, doubled: ${summary.doubled} (the tills' own record against the receivers' own logs)`)
  if (onBus) {
    const { engine, published, consumed, missing } = onBus
    say(
      `  bus ${engine}: published ${published}, consumed ${consumed}, missing ${missing.length} (by a consumer of its own)`,
    )
    for (const key of missing.slice(0, 20)) say(`    missing on the bus: ${key}`)
  }
  for (const one of reckoning.missing) say(`    missing at ${one.receiver}: ${one.transactionKey}`)
  say(
    `  ${summary.seconds} s in all, first receipt delivered after ${summary.firstDeliveredSeconds?.toFixed(1) ?? '-'} s`,
  )
}

export function tellNext(hub: DemoHub, options: DemoOptions): void {
  say(`\nThe hub stays up at ${hub.url} until you stop it (Ctrl-C). Look at it from another terminal:`)
  say(`  export TILLFLOW_SETTINGS_FILE=${hub.settingsFile}`)
  say('  npm run tillflow -- status')
  say('  npm run tillflow -- show 101/1/5 --payload')
  say(`  curl ${hub.url}/metrics`)
  say(`  export TILLFLOW_TOKEN=${hub.token}   # a token of this demo`)
  say(`  npm run tillflow -- send your-poslog.xml --to ${hub.url}`)
  say(`Data and logs: ${options.dataDirectory}`)
}
