import { systemClock } from '../../contract/clock.ts'
import transaction from '../../contract/generated/transaction.v1.schema.json' with { type: 'json' }
import { silentLogger } from '../../contract/logger.ts'
import { sources } from '../../sources/index.ts'
import { filledNames } from '../../sources/tillflow/names.ts'
import type { HttpDeps } from '../deps.ts'
import answers from '../generated/api-answers.schema.json' with { type: 'json' }
import { createHttpServer } from '../server.ts'
import { type ApiSchemas, type DescribedRoute, openapiDocument } from './openapi.ts'

/** The document of the API with every route that there can be; `fresh` takes the place of the generated answers. */
export async function presentOpenapi(fresh?: Pick<ApiSchemas, 'answers' | 'transaction'>): Promise<object> {
  const routes: DescribedRoute[] = []
  const app = createHttpServer(inertDeps, (route) => routes.push(route))
  await app.ready()
  await app.close()
  return openapiDocument(routes, { answers, transaction, filledNames, ...fresh })
}

/** Nothing is asked of a server that only says what it has. */
function refuse(): never {
  throw new RangeError('this server answers nothing')
}

/** For a server that only says what it has. */
export const inertDeps: HttpDeps = {
  intake: { record: refuse, recordAll: refuse, close: refuse },
  sources,
  readContext: { store: refuse },
  authenticate: [],
  limits: {
    requestTimeoutMs: 1_000,
    requestBodyMaxBytes: 1,
    batchBodyMaxBytes: 1,
    batchLinesMax: 1,
    sourceBodyMaxBytes: 1,
  },
  logger: silentLogger,
  health: { ready: refuse },
  files: {
    get db(): never {
      return refuse()
    },
    get vault(): never {
      return refuse()
    },
    limits: { bytesMax: 1, waitingMax: 1 },
  },
  subjects: {
    get pool(): never {
      return refuse()
    },
    get vault(): never {
      return refuse()
    },
    get tombstones(): never {
      return refuse()
    },
    holders: [],
    recordAct: refuse,
    noteEmptied: refuse,
    appendErased: refuse,
    logger: silentLogger,
  },
  identity: {
    get db(): never {
      return refuse()
    },
    get identityKey(): never {
      return refuse()
    },
    proofs: { verify: refuse, nonce: refuse },
    publicUrl: refuse,
    issuer: refuse,
    readEnrolmentToken: refuse,
    hasPeople: true,
    authorizationServer: {
      answer: async (_request, response) => {
        response.statusCode = 404
        response.end()
      },
      findSignIn: async () => undefined,
      finishSignIn: async () => undefined,
    },
  },
  signIn: {
    get db(): never {
      return refuse()
    },
    get identityKey(): never {
      return refuse()
    },
    publicUrl: () => 'https://hub.example',
    provider: { issuer: refuse, authorizationUrl: refuse, redeem: refuse, endSessionUrl: refuse },
    toGrants: refuse,
    readLogoutToken: refuse,
    findStores: refuse,
    sessionMaxMs: 1,
    sessionIdleMs: 1,
    clock: systemClock,
    logger: silentLogger,
    metrics: { signIn: () => {}, breakGlassSession: () => {} },
  },
  targets: {
    get db(): never {
      return refuse()
    },
    connect: refuse,
  },
}
