import type { Pool } from 'pg'
import { silentLogger } from '../contract/logger.ts'
import { Problem } from '../contract/problem.ts'
import type { PreviewTools } from '../delivery/replay/preview.ts'
import type { Target } from '../delivery/target.ts'

/** Connects a target for a look at it, with today's settings and, where there is a file of them, those of before. */
export async function withReplayTarget<Result>(
  pool: Pool,
  name: string,
  work: (target: Target, tools: PreviewTools) => Promise<Result>,
  settingsBefore?: string,
): Promise<Result> {
  const [{ loadSettings }, { connectors, validateConnectorSettings }, { targetSettings }, { connectNamedTarget }] =
    await Promise.all([
      import('../settings/load-settings.ts'),
      import('../connectors/index.ts'),
      import('../settings/targets.ts'),
      import('../runtimes/node/connect-named-target.ts'),
    ])
  const { target, close } = await connectNamedTarget(name, { pool, settings: loadSettings().settings, connectors })
  const connectBefore = (file: string): Pick<Target, 'connection'> => {
    const one = targetSettings(loadSettings({ file }).settings).find((candidate) => candidate.name === name)
    const connector = connectors.find((candidate) => candidate.name === one?.connector)
    if (!one || !connector) throw new Problem('unknown-target', 'The settings of before do not name this target.')
    const environment = { logger: silentLogger, allowPrivateNetwork: one.allowPrivateNetwork }
    return { connection: connector.connect(validateConnectorSettings(connector, one.settings), environment) }
  }
  try {
    const before = settingsBefore === undefined ? undefined : connectBefore(settingsBefore)
    return await work(target, {
      logger: silentLogger,
      now: Date.now,
      ...(before && { targetBefore: before }),
    })
  } finally {
    await close()
  }
}
