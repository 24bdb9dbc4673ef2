import type { TargetSettings } from '../settings/targets.ts'
import { printLine } from './print.ts'

const storesShownMax = 10

/** Says which targets try a new connection, and where. */
export function printTrials(targets: readonly TargetSettings[]): void {
  for (const { name, shadow, canary } of targets) {
    if (shadow) printLine(`${name} has the shadow ${shadow.name} (tillflow shadow --target ${name})`)
    if (!canary) continue
    const { stores, percent, connector } = canary
    const shown = stores?.slice(0, storesShownMax).join(', ')
    const more = stores && stores.length > storesShownMax ? ` and ${stores.length - storesShownMax} more` : ''
    const where = shown === undefined ? `${percent} % of the stores` : `stores ${shown}${more}`
    printLine(`${name} has a canary${connector === undefined ? '' : ` (${connector})`} for ${where}`)
  }
}

/** The same for machines, without the settings: they hold secrets. */
export function trialsOf(name: string, targets: readonly TargetSettings[]): object {
  const { shadow, canary } = targets.find((one) => one.name === name) ?? {}
  return {
    ...(shadow && { shadow: { name: shadow.name, connector: shadow.connector } }),
    ...(canary && { canary: { stores: canary.stores, percent: canary.percent, connector: canary.connector } }),
  }
}
