import { validateConnectorSettings } from '../../connectors/index.ts'
import type { Connection, Connector } from '../../contract/connector.ts'
import type { Logger } from '../../contract/logger.ts'
import { Problem } from '../../contract/problem.ts'
import { connectionWithCanary } from '../../delivery/canary/connection-with-canary.ts'
import { picksStore } from '../../delivery/canary/picks-store.ts'
import { readTargetSecrets } from '../../settings/secrets/index.ts'
import type { ConnectionTrial, TargetSettings } from '../../settings/targets.ts'

export interface ConnectOptions {
  connectors: readonly Connector[]
  logger: Logger
  /** Told of every attempt that went through the canary. */
  onCanaryAttempt?(target: string, outcome: string): void
}

/** The connection of a target, with its canary. Throws `Problem` `settings-invalid` and what the connectors throw. */
export function connectWithCanary(one: TargetSettings, options: ConnectOptions): Connection {
  const live = connect(one, {}, options)
  if (!one.canary) return live
  const { onCanaryAttempt } = options
  return connectionWithCanary({
    live,
    canary: connect(one, one.canary, options),
    picks: picksStore(one.canary),
    ...(onCanaryAttempt && { onAttempt: (outcome) => onCanaryAttempt(one.name, outcome) }),
  })
}

/** The shadow's own connection. Throws `Problem` where it cannot be compared. */
export function connectShadow(one: TargetSettings, trial: ConnectionTrial, options: ConnectOptions): Connection {
  const shadow = connect(one, trial, options)
  if (!shadow.preview)
    throw new Problem('settings-invalid', `Target ${one.name}: its shadow cannot show what it would send.`)
  return shadow
}

/** What the trial does not name is as at the target; another connector has its settings to itself. */
function connect(one: TargetSettings, trial: ConnectionTrial, { connectors, logger }: ConnectOptions): Connection {
  const name = trial.connector ?? one.connector
  const connector = connectors.find((candidate) => candidate.name === name)
  if (!connector) throw new Problem('settings-invalid', `Target ${one.name}: there is no connector ${name}.`)
  const settings = name === one.connector ? { ...one.settings, ...trial.settings } : (trial.settings ?? {})
  const { allowPrivateNetwork } = one
  const secrets = new Set(connector.settings.filter(({ kind }) => kind === 'secret').map((setting) => setting.name))
  const read = readTargetSecrets(one.name, settings, (setting) => secrets.has(setting))
  return connector.connect(validateConnectorSettings(connector, read), { logger, allowPrivateNetwork })
}
