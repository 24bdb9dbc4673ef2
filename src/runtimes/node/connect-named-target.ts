import type { Pool } from 'pg'
import type { Connector } from '../../contract/connector.ts'
import { type Logger, silentLogger } from '../../contract/logger.ts'
import { Problem } from '../../contract/problem.ts'
import type { Target } from '../../delivery/target.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { targetSettings } from '../../settings/targets.ts'
import { connectTarget } from './delivery.ts'

interface ConnectOptions {
  pool: Pool
  settings: Settings
  connectors: readonly Connector[]
  logger?: Logger
}

/** A target for a look at it, and the end of that look. */
export interface NamedTarget {
  target: Target
  close(): Promise<void>
}

/**
 * Connects one target of the settings for a look from outside delivery: a plan, a dry run. Throws `Problem` `unknown-target` where
 * the settings do not name it.
 */
export async function connectNamedTarget(name: string, options: ConnectOptions): Promise<NamedTarget> {
  const one = targetSettings(options.settings).find((target) => target.name === name)
  if (!one) throw new Problem('unknown-target')
  const target = await connectTarget(one, { ...options, logger: options.logger ?? silentLogger })
  return {
    target,
    close: async () => {
      await target.connection.close?.()
      await closeFetch(target.fetch)
    },
  }
}

/** Ends connections that are kept for a next request; there is none. */
async function closeFetch(fetch: Target['fetch']): Promise<void> {
  if ('close' in fetch && typeof fetch.close === 'function') await fetch.close()
}
