import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Logger } from '../../contract/logger.ts'
import { createGuardedFetch } from '../../egress/guarded-fetch.ts'
import { accessTokens } from '../../http/auth/access-tokens.ts'
import {
  authorizationServerPath,
  createAuthorizationServer,
} from '../../http/auth/authorization-server/authorization-server.ts'
import type { Authenticate } from '../../http/auth/authorize.ts'
import { createDpopNonces, dpopNonceSecret } from '../../http/auth/dpop-nonce.ts'
import { createDpopProofs } from '../../http/auth/dpop-proof.ts'
import { enrolmentTokens } from '../../http/auth/enrolment-tokens.ts'
import { remoteKeys } from '../../http/auth/remote-keys.ts'
import { isRole } from '../../http/auth/scopes.ts'
import { externalIssuer, ownIssuer, type TokenIssuer } from '../../http/auth/token-issuers.ts'
import type { IdentityDeps } from '../../http/deps.ts'
import { followIdentity, type KnownIdentity } from '../../identity/known-identity.ts'
import { ensureSigningKeys } from '../../identity/signing-keys.ts'
import { createUsedProofs } from '../../identity/used-proofs.ts'
import { loadMasterKey } from '../../privacy/encryption/master-key.ts'
import { openInstallation } from '../../privacy/encryption/open-vault.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { signInSettings } from '../../settings/sign-in.ts'
import { trustedIssuers } from '../../settings/trusted-issuers.ts'
import { masterKeyOf } from './master-key-file.ts'

export interface OpenIdentity {
  identityKey: KeyObject
  /** What tills and browsers call, without a path. */
  publicUrl(): string
  /** Ways of coming in by an access token. */
  ways: Authenticate[]
  /** Undefined where the settings have no authorization server of ours. */
  deps?: IdentityDeps
  stop(): Promise<void>
}

interface Options {
  pool: Pool
  settings: Settings
  logger: Logger
  /** Where the API listens; asked when requests come. */
  listeningUrl(): string
}

const fetchTimeoutMs = 10_000

/** Everything by which tills and machines come in with tokens, as the settings say. */
export async function openIdentity(options: Options): Promise<OpenIdentity> {
  const { pool: db, settings, logger, listeningUrl } = options
  const { identity: identityKey } = await openInstallation(db, await loadMasterKey(masterKeyOf(settings)))
  const clock = systemClock
  const publicUrl = () => settings.publicUrl || listeningUrl()
  const issuer = () => `${publicUrl()}${authorizationServerPath}`
  const external = openExternalIssuers(settings)
  const { intakeQueueMax: queueMax, intakeAnswerWithinMs: answerWithinMs } = settings
  const isShared = settings.proofReplays === 'shared'
  const usedProofs = isShared ? createUsedProofs(db, { queueMax, answerWithinMs, clock }) : undefined
  const proofs = createDpopProofs(createDpopNonces(dpopNonceSecret(identityKey), clock), usedProofs)
  const { clientCertificateHeader: certificateHeader, identityPollMs: pollMs } = settings
  let known: KnownIdentity | undefined
  let deps: IdentityDeps | undefined
  if (settings.authorizationServer === 'embedded') {
    await ensureSigningKeys(db, identityKey)
    known = await followIdentity({ db, identityKey, clock, logger, pollMs })
    const hasPeople = signInSettings(settings, isRole) === 'embedded'
    const serverOptions = { db, identityKey, known, proofs, publicUrl, certificateHeader, hasPeople, logger }
    const authorizationServer = createAuthorizationServer(serverOptions)
    const readEnrolmentToken = enrolmentTokens({ issuer, publicUrl, known })
    deps = { db, identityKey, proofs, readEnrolmentToken, publicUrl, issuer, authorizationServer, hasPeople }
  }
  let issuers: { for: string; list: TokenIssuer[] } | undefined
  const issuersNow = () => {
    const audience = publicUrl()
    if (issuers?.for !== audience) {
      const own = known ? [ownIssuer({ issuer: issuer(), audience, known })] : []
      issuers = { for: audience, list: [...own, ...external.issuers] }
    }
    return issuers.list
  }
  return {
    ...{ identityKey, publicUrl },
    ways: [accessTokens({ issuers: issuersNow, proofs, publicUrl, certificateHeader, clock })],
    ...(deps && { deps }),
    stop: async () => {
      await Promise.all([known?.stop(), usedProofs?.close()])
      await external.close()
    },
  }
}

function openExternalIssuers(settings: Settings): { issuers: TokenIssuer[]; close(): Promise<void> } {
  const opened = trustedIssuers(settings).map((trusted) => {
    const { issuer, jwksUri, allowPrivateNetwork } = trusted
    const fetch = createGuardedFetch({ allowPrivateNetwork, timeoutMs: fetchTimeoutMs })
    const keys = remoteKeys({ issuer, ...(jwksUri !== undefined && { jwksUri }), fetch, clock: systemClock })
    return { issuer: externalIssuer(trusted, keys), fetch }
  })
  return {
    issuers: opened.map(({ issuer }) => issuer),
    close: async () => {
      await Promise.all(opened.map(({ fetch }) => fetch.close()))
    },
  }
}
