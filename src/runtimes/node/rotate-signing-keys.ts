import type { Pool } from 'pg'
import type { Logger } from '../../contract/logger.ts'
import { rotateWhenDue } from '../../identity/signing-keys.ts'
import { loadMasterKey } from '../../privacy/encryption/master-key.ts'
import { openInstallation } from '../../privacy/encryption/open-vault.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { masterKeyOf } from './master-key-file.ts'
import { type Repeated, repeat } from './repeat.ts'

const everyMs = 600_000
const dayMs = 86_400_000

/** Lets the next key sign when the present one has done so for `signingKeyDays`. Several hubs may do it at once. */
export async function startRotatingKeys(pool: Pool, settings: Settings, logger: Logger): Promise<Repeated> {
  const { signingKeyDays, identityPollMs, authorizationServer } = settings
  if (signingKeyDays === 0 || authorizationServer !== 'embedded') return { stop: async () => {} }
  const { identity } = await openInstallation(pool, await loadMasterKey(masterKeyOf(settings)))
  // Every process has read the next key at least once by then.
  const due = { actor: 'scheduler', publishedMs: 2 * identityPollMs, everyMs: signingKeyDays * dayMs }
  return repeat(async () => {
    try {
      const rotation = await rotateWhenDue(pool, identity, due)
      if (rotation) logger.info({ kid: rotation.kid, activeFrom: rotation.activeFrom }, 'another key signs tokens')
    } catch (error) {
      logger.warn({ error: String(error) }, 'the keys that sign tokens could not be rotated')
    }
    return everyMs
  })
}
