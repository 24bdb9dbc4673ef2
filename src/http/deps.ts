import type { KeyObject } from 'node:crypto'
import type { Pool } from 'pg'
import type { Clock } from '../contract/clock.ts'
import type { Logger } from '../contract/logger.ts'
import type { ConnectedAccount, ReadContext, Source } from '../contract/source.ts'
import type { Tracer } from '../contract/tracer.ts'
import type { Target } from '../delivery/target.ts'
import type { FindStores, Grant } from '../domain/grant.ts'
import type { FileLimits } from '../files/receive-file.ts'
import type { PersonIdentity } from '../identity/people.ts'
import type { SessionDetails } from '../identity/sessions.ts'
import type { Intake } from '../intake/intake.ts'
import type { Vault } from '../privacy/encryption/vault.ts'
import type { ErasureHouse } from '../privacy/erasure/house.ts'
import type { AuthorizationServer } from './auth/authorization-server/authorization-server.ts'
import type { Authenticate } from './auth/authorize.ts'
import type { DpopProofs } from './auth/dpop-proof.ts'
import type { ReadEnrolmentToken } from './auth/enrolment-tokens.ts'
import type { ReadLogoutToken } from './auth/sign-in/logout-token.ts'
import type { OpenidProvider } from './auth/sign-in/openid-provider.ts'

export interface HttpLimits {
  requestTimeoutMs: number
  requestBodyMaxBytes: number
  batchBodyMaxBytes: number
  batchLinesMax: number
  sourceBodyMaxBytes: number
}

/** How far a request is believed, and how many are taken; all of it optional. */
export interface HttpWalls {
  /** Names that the hub is known by, with or without a port; empty: any. */
  httpHosts?: readonly string[]
  /** Networks whose `X-Forwarded-*` headers are believed (CIDR); empty: nobody's. */
  trustedProxies?: readonly string[]
  /** Requests of one caller to this process, on average and at once; 0 or absent: as many as it likes. */
  callerRequestsPerSecond?: number
  callerRequestsBurst?: number
  /** Answers 401 to one address before it has to wait; 0 or absent: as many as it likes. */
  failedCredentialsPerMinute?: number
}

/** Told of what the door did; all of it optional. */
export interface HttpMetrics {
  answered(source: string, outcome: string, durationSeconds: number): void
  unknownValues(source: string, count: number): void
  /** A receipt ends in the future by this much. */
  clockAhead(source: string, seconds: number): void
  render(): Promise<string>
}

/** Whether this process can take receipts now. */
export interface Health {
  ready(): Promise<{ ready: boolean; checks: Record<string, string> }>
}

/** Everything that the API stands on. */
export interface HttpDeps {
  intake: Intake
  sources: readonly Source[]
  readContext: ReadContext
  /** Accounts at vendors: their stores, and the secrets of their webhooks. */
  accounts?: readonly ConnectedAccount[]
  /** The ways of coming in, in the order in which they are tried. */
  authenticate: readonly Authenticate[]
  limits: HttpLimits
  /** Default: any name, no proxy is believed, and nobody has a quota. */
  walls?: HttpWalls
  logger: Logger
  health: Health
  metrics?: HttpMetrics
  /** Default: traces are carried, not recorded. */
  tracer?: Tracer
  /** Where whole files are kept; without it there are no addresses for them. */
  files?: FilesDeps
  /** Erases persons; without it there are no addresses for it. */
  subjects?: ErasureHouse
  /** Where tills enrol and get tokens; without it there are no addresses for it. */
  identity?: IdentityDeps
  /** Where people sign in; without it there are no pages and no sessions. */
  signIn?: SignInDeps
  /** Acts on targets and replays; without it there are no addresses for them. */
  targets?: TargetsDeps
}

export interface IdentityDeps {
  db: Pool
  identityKey: KeyObject
  proofs: DpopProofs
  readEnrolmentToken: ReadEnrolmentToken
  /** What tills call, without a path. */
  publicUrl(): string
  issuer(): string
  authorizationServer: AuthorizationServer
  /** People have their accounts here; otherwise there are no pages for their passwords. */
  hasPeople: boolean
}

/** The groups that a provider names, and what they mean here. */
export interface VouchedGrants {
  groups: string[]
  grants: Grant[]
  /** Of the hub's own. */
  accountId?: string
}

export interface SignInDeps {
  db: Pool
  identityKey: KeyObject
  /** What browsers call, without a path. */
  publicUrl(): string
  provider: OpenidProvider
  /** Throws Problem `sign-in-too-many-groups`. */
  toGrants(claims: Readonly<Record<string, unknown>>): VouchedGrants
  /**
   * What somebody may do now, as the provider in this hub says; undefined: it does not let them in any more. Absent: the provider is
   * elsewhere, and is asked at the next sign-in.
   */
  readPresentGrants?(person: PersonIdentity, details: SessionDetails): Promise<Grant[] | undefined>
  /** What a provider elsewhere says has ended there; absent: nobody says so. */
  readLogoutToken?: ReadLogoutToken
  findStores: FindStores
  sessionMaxMs: number
  sessionIdleMs: number
  clock: Clock
  logger: Logger
  metrics: {
    /** `signed-in`, or the code of the problem. */
    signIn(outcome: string): void
    breakGlassSession(): void
  }
}

export interface TargetsDeps {
  db: Pool
  /** Connects a target of the settings for a plan or a dry run. Throws `Problem` `unknown-target`. */
  connect(name: string): Promise<{ target: Target; close(): Promise<void> }>
}

export interface FilesDeps {
  db: Pool
  vault: Vault
  limits: FileLimits
}
