import { STATUS_CODES } from 'node:http'
import Fastify, { type FastifyError, type FastifyInstance } from 'fastify'
import { systemClock } from '../contract/clock.ts'
import { isProblem, Problem, type ProblemCode } from '../contract/problem.ts'
import { passiveTracer } from '../contract/tracer.ts'
import { registerAuthorizationServer } from './auth/authorization-server/register-authorization-server.ts'
import { registerSignInPages } from './auth/authorization-server/sign-in-pages.ts'
import { authorizeRequests } from './auth/authorize.ts'
import { browserSessions, guardForms } from './auth/sign-in/browser-sessions.ts'
import { isForPeople, sendProblemPage } from './auth/sign-in/problem-page.ts'
import { registerPeople } from './auth/sign-in/register-people.ts'
import { decompress } from './decompress.ts'
import type { HttpDeps } from './deps.ts'
import { limitBodyTime } from './limit-body-time.ts'
import { collectRoutes } from './openapi/collect-routes.ts'
import type { DescribedRoute } from './openapi/openapi.ts'
import { registerStyle } from './pages/register-style.ts'
import { problemBody, sendProblem } from './problem-answer.ts'
import { registerBatch } from './rest/batch.ts'
import { registerFiles } from './rest/files.ts'
import { registerMachines } from './rest/machines.ts'
import { registerOpenapi } from './rest/openapi.ts'
import { registerOperations } from './rest/operations.ts'
import { registerParked } from './rest/parked.ts'
import { registerRegisteredTills } from './rest/registered-tills.ts'
import { registerReplays } from './rest/replays.ts'
import { registerSources } from './rest/sources.ts'
import { registerSubjects } from './rest/subjects.ts'
import { registerTargets } from './rest/targets.ts'
import { registerTills } from './rest/tills.ts'
import { registerTransactions } from './rest/transactions.ts'
import { limitCallers } from './walls/limit-callers.ts'
import { limitFailedCredentials } from './walls/limit-failed-credentials.ts'
import { refuseStrangeRequests, refuseUnknownHosts } from './walls/refuse-strange-requests.ts'
import { addSecurityHeaders, securityHeaders, setSecurityHeaders } from './walls/security-headers.ts'
import { traceRequests } from './with-traces.ts'

const streamedTypes = ['application/x-ndjson', 'application/ndjson', 'application/jsonl', 'application/xml', 'text/xml']

/** A batch may be long and its line slow; an idle connection ends much earlier. */
const streamTimeoutMs = 3_600_000

/** The API of the hub: every answer that is not a success is a problem with a stable code. `onRoute` is told of every route. */
export function createHttpServer(deps: HttpDeps, onRoute?: (route: DescribedRoute) => void): FastifyInstance {
  const { httpHosts = [], trustedProxies = [] } = deps.walls ?? {}
  const { callerRequestsPerSecond = 0, callerRequestsBurst = 1, failedCredentialsPerMinute = 0 } = deps.walls ?? {}
  const app = Fastify({
    logger: false,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    requestTimeout: streamTimeoutMs,
    connectionTimeout: deps.limits.requestTimeoutMs * 6,
    keepAliveTimeout: 72_000,
    // Its trace gives it one.
    genReqId: () => '',
    routerOptions: { maxParamLength: 512 },
    http: {
      maxHeaderSize: 16_384,
      insecureHTTPParser: false,
      headersTimeout: deps.limits.requestTimeoutMs,
      connectionsCheckingInterval: 1_000,
    },
    clientErrorHandler: answerClientError,
    // An address that cannot be read: what Fastify says by itself repeats it, and no hook runs.
    frameworkErrors: (_error, _request, reply) => {
      setSecurityHeaders(reply)
      sendProblem(reply, new Problem('request-malformed'))
    },
    return503OnClosing: true,
  })
  traceRequests(app, deps.tracer ?? passiveTracer)
  refuseStrangeRequests(app)
  refuseUnknownHosts(app, httpHosts)
  const rememberGoodCredentials = limitFailedCredentials(app, failedCredentialsPerMinute, systemClock)
  // First, so that a session beside a token is seen.
  authorizeRequests(app, [...(deps.signIn ? [browserSessions(deps.signIn)] : []), ...deps.authenticate])
  if (deps.signIn) guardForms(app, deps.signIn)
  rememberGoodCredentials()
  limitCallers(app, { requestsPerSecond: callerRequestsPerSecond, burst: callerRequestsBurst }, systemClock)
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => done(null, body))
  app.addContentTypeParser(streamedTypes, (_request, payload, done) => done(null, payload))
  app.addHook('preParsing', async (request, _reply, payload) =>
    decompress(request, payload, deps.limits.sourceBodyMaxBytes),
  )
  addSecurityHeaders(app)
  app.setErrorHandler((error: FastifyError, request, reply) => {
    const problem = toProblem(error)
    if (problem.status >= 500)
      deps.logger.error({ error, route: request.routeOptions.url, traceId: request.id }, 'request failed')
    else
      deps.logger.debug({ code: problem.code, route: request.routeOptions.url, traceId: request.id }, 'request refused')
    return isForPeople(request) ? sendProblemPage(request, reply, problem) : sendProblem(reply, problem)
  })
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?')
    const allowed = ['GET', 'POST'].filter((method) =>
      app.hasRoute({ method: method as 'GET' | 'POST', url: knownPattern(path) }),
    )
    // TRACE shows a page the headers that it may not see, and is taken nowhere.
    if (allowed.length === 0 && request.method !== 'TRACE') return sendProblem(reply, new Problem('not-found'))
    reply.header('allow', allowed.join(', '))
    return sendProblem(reply, new Problem('method-not-allowed'))
  })
  const routes: DescribedRoute[] = []
  collectRoutes(app, (route) => {
    routes.push(route)
    onRoute?.(route)
  })
  limitBodyTime(app, deps.limits.requestTimeoutMs)
  registerTransactions(app, deps)
  registerBatch(app, deps)
  registerSources(app, deps)
  if (deps.files) registerFiles(app, deps, deps.files)
  if (deps.subjects) registerSubjects(app, deps.subjects)
  if (deps.targets) {
    registerTargets(app, deps.targets)
    registerParked(app, deps.targets)
    registerReplays(app, deps, deps.targets)
  }
  if (deps.identity) {
    registerTills(app, deps.identity)
    registerRegisteredTills(app, deps.identity)
    registerMachines(app, deps.identity)
    if (deps.identity.hasPeople) registerSignInPages(app, deps.identity)
    registerAuthorizationServer(app, deps.identity.authorizationServer)
  }
  if (deps.signIn) registerPeople(app, deps.signIn)
  if (deps.identity || deps.signIn) registerStyle(app)
  registerOperations(app, deps)
  registerOpenapi(app, routes)
  return app
}

function knownPattern(path: string): string {
  if (/^\/v1\/files\/[^/]+$/.test(path)) return '/v1/files/:id'
  const [, decision] = /^\/v1\/files\/[^/]+\/(resume|discard)$/.exec(path) ?? []
  if (decision !== undefined) return `/v1/files/:id/${decision}`
  if (/^\/v1\/erasures\/[^/]+$/.test(path)) return '/v1/erasures/:id'
  const [, kind] = /^\/v1\/(tills|machines)\/[^/]+\/revoke$/.exec(path) ?? []
  if (kind !== undefined) return `/v1/${kind}/:id/revoke`
  if (path.startsWith('/v1/targets/')) return targetPattern(path)
  return /^\/v1\/sources\/[^/]+$/.test(path) ? '/v1/sources/:source' : path
}

function targetPattern(path: string): string {
  return path.replace(/^\/v1\/targets\/[^/]+/, '/v1/targets/:name').replace(/\/replays\/[^/]+/, '/replays/:id')
}

const fastifyProblems: Record<string, ProblemCode> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload-too-large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_EMPTY_TYPE: 'unsupported-media-type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'request-malformed',
}

function toProblem(error: FastifyError | Error): Problem {
  if (isProblem(error)) return error
  const code = 'code' in error ? fastifyProblems[error.code] : undefined
  return new Problem(code ?? 'internal-error', undefined, { cause: error })
}

const clientProblems: Record<string, ProblemCode> = {
  ERR_HTTP_REQUEST_TIMEOUT: 'request-timeout',
  HPE_HEADER_OVERFLOW: 'headers-too-large',
}

/** Requests that are no HTTP never reach a route; they get the same kind of answer, and the connection ends. */
function answerClientError(error: ConnectionError, socket: import('node:net').Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const problem = new Problem(clientProblems[error.code ?? ''] ?? 'request-malformed')
  const body = JSON.stringify(problemBody(problem))
  const headers = {
    ...securityHeaders,
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    connection: 'close',
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  socket.end(`HTTP/1.1 ${problem.status} ${STATUS_CODES[problem.status]}\r\n${lines.join('')}\r\n${body}`)
}

type ConnectionError = Error & { code?: string }
