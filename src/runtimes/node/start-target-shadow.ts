import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Connection } from '../../contract/connector.ts'
import { type Shadow, startShadow } from '../../delivery/shadow/shadow.ts'
import { addShadowTally, recordShadowStart } from '../../delivery/shadow/shadow-store.ts'
import type { ShadowResult } from '../../delivery/shadow/tally.ts'
import type { TargetSettings } from '../../settings/targets.ts'
import { type ConnectOptions, connectShadow } from './connect-target.ts'

export interface TargetShadowOptions extends ConnectOptions {
  pool: Pool
  targetId: number
  live: Connection
  onCompared?(target: string, shadow: string, result: ShadowResult): void
}

/** Starts the shadow of a target, where it has one. One that cannot be started is told of, and live delivery goes on without it. */
export async function startTargetShadow(
  one: TargetSettings,
  options: TargetShadowOptions,
): Promise<Shadow | undefined> {
  if (!one.shadow) return undefined
  const { pool, targetId, live, logger, onCompared } = options
  const { name, connector = one.connector } = one.shadow
  try {
    const shadow = connectShadow(one, one.shadow, options)
    await recordShadowStart(pool, targetId, { name, connector })
    return startShadow({
      live,
      shadow,
      clock: systemClock,
      logger,
      write: (tally) => addShadowTally(pool, targetId, name, tally),
      ...(onCompared && { onCompared: (result) => onCompared(one.name, name, result) }),
    })
  } catch (error) {
    const failure = (error instanceof Error ? error.message : 'unknown error').slice(0, 500)
    logger.error({ target: one.name, shadow: name, error: failure }, 'a shadow could not be started')
    await recordShadowStart(pool, targetId, { name, connector, failure }).catch(() => {})
    return undefined
  }
}
