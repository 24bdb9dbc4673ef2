import type { FastifyInstance } from 'fastify'
import type { Pool } from 'pg'
import { systemClock } from '../../contract/clock.ts'
import type { Connector } from '../../contract/connector.ts'
import type { Logger } from '../../contract/logger.ts'
import type { Source } from '../../contract/source.ts'
import { passiveTracer, type Tracer } from '../../contract/tracer.ts'
import { startRecordingFiles } from '../../files/record-files.ts'
import { apiTokens } from '../../http/auth/api-tokens.ts'
import { createTokenStore } from '../../http/auth/token-store.ts'
import type { HttpDeps } from '../../http/deps.ts'
import { recordUploadedFiles } from '../../http/record-uploaded-file.ts'
import { createHttpServer } from '../../http/server.ts'
import { createIntake } from '../../intake/create-intake.ts'
import type { Intake } from '../../intake/intake.ts'
import { createPostgresIntakeStore } from '../../intake/postgres-store.ts'
import { intakeStoreWithTraces, intakeWithTraces } from '../../intake/with-traces.ts'
import type { Metrics } from '../../observability/metrics.ts'
import { loadMasterKey } from '../../privacy/encryption/master-key.ts'
import { openVault } from '../../privacy/encryption/open-vault.ts'
import type { ErasureHouse } from '../../privacy/erasure/house.ts'
import type { Settings } from '../../settings/load-settings.ts'
import { accountSources, sourceAccounts } from '../../settings/source-accounts.ts'
import { storeDirectory } from '../../settings/stores.ts'
import { startBusSources } from './bus-sources.ts'
import { checkTombstones, checkTombstonesWithoutVault } from './check-tombstones.ts'
import { connectNamedTarget } from './connect-named-target.ts'
import { startDelivery } from './delivery.ts'
import { startDeliveryProcesses } from './delivery-processes.ts'
import { erasureHouse } from './erasure-house.ts'
import { type HubDatabase, openHubDatabase } from './hub-database.ts'
import { listeningUrl } from './listening-url.ts'
import { masterKeyOf } from './master-key-file.ts'
import { createNotifier } from './notifier.ts'
import { observeHub, recordGuards, recordHealth, recordReplays, recordSettlement } from './observe-hub.ts'
import { openIdentity } from './open-identity.ts'
import { openSignIn } from './open-sign-in.ts'
import { startPruning } from './prune-old.ts'
import { startRelay } from './relay.ts'
import { retentionNeedsVault, retentionRules } from './retention-rules.ts'
import { startRotatingKeys } from './rotate-signing-keys.ts'
import { startErasures } from './run-erasures.ts'
import { startScheduler } from './scheduler.ts'
import { startSealing } from './seal-audit.ts'

export interface HubOptions {
  settings: Settings
  connectors: readonly Connector[]
  sources: readonly Source[]
  logger: Logger
  metrics: Metrics
  /** Default: traces are carried, not recorded. */
  tracer?: Tracer
  /** How a delivery process of its own is started: the program and its first arguments. */
  program: readonly string[]
}

export interface RunningHub {
  /** Address of the API, with the port that was found; undefined without the role `api`. */
  address: string | undefined
  pool: Pool
  stop(): Promise<void>
}

/** Starts the roles of the settings in this process. Everything that was started is stopped again when a later part fails. */
export async function startHub(options: HubOptions): Promise<RunningHub> {
  const { settings, logger, metrics, tracer = passiveTracer } = options
  const stops: (() => Promise<void>)[] = []
  const stop = async () => {
    for (const one of stops.splice(0).reverse())
      await one().catch((error: unknown) => logger.warn({ error }, 'a part did not stop well'))
  }
  try {
    const profileOf = storeDirectory(settings)
    const database = await openHubDatabase(settings, logger)
    stops.push(() => database.close())
    const { pool, url } = database
    const roles = new Set(settings.roles)
    const notifier = createNotifier(pool)
    stops.push(async () => notifier.stop())
    const house = needsVault(settings, roles)
      ? await openErasureHouse(settings, pool, logger, () => notifier.notify())
      : undefined
    await (house ? checkTombstones(house) : checkTombstonesWithoutVault(pool, settings))
    if (roles.has('delivery')) {
      const delivery =
        settings.deliveryProcessesCount > 0
          ? startDeliveryProcesses({ settings, url, logger, metrics, program: options.program })
          : await startDelivery({
              ...options,
              tracer,
              pool,
              url,
              onSettled: recordSettlement(metrics, tracer),
              onHealth: recordHealth(metrics),
              onReplayed: recordReplays(metrics),
              ...recordGuards(metrics),
            })
      stops.push(() => delivery.stop())
    }
    if (roles.has('scheduler')) {
      const scheduler = startScheduler(pool, profileOf, logger)
      stops.push(() => scheduler.stop())
      const rules = retentionRules(settings, house?.vault)
      const pruning = startPruning(
        pool,
        { stepsKeptMs: settings.deliveryStepsKeptMs, sessionIdleMs: settings.sessionIdleMs, rules },
        logger,
      )
      stops.push(() => pruning.stop())
      const sealing = await startSealing({ pool, settings, logger, metrics })
      stops.push(() => sealing.stop())
      const rotating = await startRotatingKeys(pool, settings, logger)
      stops.push(() => rotating.stop())
    }
    if (roles.has('relay')) {
      const relay = await startRelay({ pool, url, settings, logger, metrics })
      if (relay) stops.push(() => relay.stop())
    }
    let address: string | undefined
    if (roles.has('api') && house) {
      const erasures = startErasures(house)
      stops.push(() => erasures.stop())
      const api = await startApi(options, { ...database, house }, () => notifier.notify())
      stops.push(async () => {
        await api.server.close()
        await api.bus.stop()
        await api.files.stop()
        await api.intake.close()
      })
      address = await api.server.listen({ host: settings.httpHost, port: settings.httpPort, backlog: 1_024 })
    }
    observeHub(metrics, pool, settings)
    logger.info({ address, roles: settings.roles }, 'the hub is running')
    return { address, pool, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

/** Who delivers and relays only has no need of the key that opens raw bytes, and mostly none of it. */
function needsVault(settings: Settings, roles: ReadonlySet<string>): boolean {
  return roles.has('api') || (roles.has('scheduler') && retentionNeedsVault(settings))
}

/** Whoever keeps or erases personal data works with one vault of this process. */
export async function openErasureHouse(
  settings: Settings,
  pool: Pool,
  logger: Logger,
  notify?: () => void,
): Promise<ErasureHouse> {
  const masterKey = await loadMasterKey(masterKeyOf(settings))
  const vault = await openVault({ pool, masterKey, logger, cachedKeyAgeMaxMs: settings.personKeysCachedMs })
  return erasureHouse({ pool, vault, settings, logger, ...(notify && { notify }) })
}

/** The API over a database that is open; the caller lets it listen, and ends it. */
export async function startApi(
  options: HubOptions,
  { pool, url, house: open }: HubDatabase & { house?: ErasureHouse },
  onRecorded: () => void,
): Promise<{
  server: FastifyInstance
  intake: Intake
  files: { stop(): Promise<void> }
  bus: { stop(): Promise<void> }
}> {
  const { settings, logger, metrics, sources, tracer = passiveTracer } = options
  const house = open ?? (await openErasureHouse(settings, pool, logger))
  const { vault } = house
  const profileOf = storeDirectory(settings)
  const recording = createIntake({
    store: intakeStoreWithTraces(createPostgresIntakeStore(pool, vault), tracer),
    clock: systemClock,
    profileOf,
    groupSizeMax: settings.intakeGroupSizeMax,
    groupsInFlightMax: settings.intakeGroupsInFlightMax,
    queueMax: settings.intakeQueueMax,
    answerWithinMs: settings.intakeAnswerWithinMs,
    onRecorded,
    onGroup: (size) => metrics.record('ingestGroupSize', size),
    onError: (error) => logger.error({ error }, 'a group could not be recorded'),
  })
  const intake = intakeWithTraces(recording, tracer)
  const listening = () => listeningUrl(server)
  const identity = await openIdentity({ pool, settings, logger, listeningUrl: listening })
  const { identityKey, publicUrl } = identity
  const signIn = openSignIn({ pool, settings, identityKey, publicUrl, server: () => server, logger, metrics })
  const deps: HttpDeps = {
    intake,
    tracer,
    sources,
    readContext: { store: profileOf },
    accounts: sourceAccounts(settings, accountSources(sources)),
    authenticate: [apiTokens(createTokenStore(pool, systemClock)), ...identity.ways],
    ...(identity.deps && { identity: identity.deps }),
    ...(signIn && { signIn: signIn.deps }),
    limits: settings,
    walls: settings,
    logger,
    health: {
      ready: async () => {
        const database = await pool.query('select 1').then(
          () => 'ok',
          () => 'not reachable',
        )
        return { ready: database === 'ok', checks: { database } }
      },
    },
    metrics: {
      answered: (source, code, seconds) => {
        metrics.count('ingestRequests', { source, code })
        metrics.record('ingestDuration', seconds, { source })
      },
      unknownValues: (source, count) => metrics.count('unknownValues', { source }, count),
      clockAhead: (source, seconds) => metrics.record('clockAhead', seconds, { source }),
      render: () => metrics.render(),
    },
    targets: {
      db: pool,
      connect: (name) => connectNamedTarget(name, { pool, settings, connectors: options.connectors, logger }),
    },
    subjects: house,
    files: { db: pool, vault, limits: { bytesMax: settings.fileBytesMax, waitingMax: settings.filesWaitingMax } },
  }
  const files = startRecordingFiles({
    ...{ db: pool, vault, logger, record: recordUploadedFiles(deps) },
    badShareMax: settings.fileBadPercentMax / 100,
  })
  const bus = startBusSources({ deps, settings, hubUrl: url, logger })
  const server = createHttpServer(deps)
  server.addHook('onClose', async () => {
    await identity.stop()
    await signIn?.close()
  })
  return { server, intake, files, bus }
}
