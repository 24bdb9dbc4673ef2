import { type Clock, systemClock } from '../../contract/clock.ts'
import { Problem } from '../../contract/problem.ts'
import { problemOf, type Reply, wordOf } from './hub-exchange.ts'
import type { SignedExchange } from './signed-exchange.ts'

/** What a till shows whoever stands before it. */
export interface ShownCode {
  /** Such as `BCDF-GHJK`. */
  userCode: string
  /** Where a manager signs in and types it. */
  verificationUri: string
  /** The same with the code in it, for a QR code. */
  verificationUriComplete: string
  endsAt: Date
}

export interface DeviceEnrolment {
  /** What the till calls itself, for whoever approves. */
  deviceName?: string
  show(code: ShownCode): void
  clock?: Clock
  signal?: AbortSignal
}

interface AskedCode {
  device_code: string
  user_code: string
  verification_uri: string
  verification_uri_complete: string
  expires_in: number
  interval?: number
}

const clientId = 'tillflow-till'
const grantType = 'urn:ietf:params:oauth:grant-type:device_code'
const defaultIntervalSeconds = 5
/** RFC 8628, 3.5: so much slower after each `slow_down`. */
const slowerSeconds = 5

/**
 * Asks the hub for a code, shows it, and waits until somebody says which till this is (RFC 8628). Resolves with the token by which the key
 * of this exchange enrols, once. Throws Problem `enrolment-code-invalid` where somebody refused it or nobody came in time.
 */
export async function waitForApproval(
  exchange: SignedExchange,
  { deviceName, show, clock = systemClock, signal }: DeviceEnrolment,
): Promise<string> {
  const form = {
    client_id: clientId,
    scope: 'enrol:till',
    ...(deviceName !== undefined && { device_name: deviceName }),
  }
  const asked = await exchange.postForm('/oauth/device/auth', form)
  if (asked.status !== 200) throw problemOf(asked)
  const code = JSON.parse(asked.text) as AskedCode
  show({
    userCode: code.user_code,
    verificationUri: code.verification_uri,
    verificationUriComplete: code.verification_uri_complete,
    endsAt: new Date(clock.now() + code.expires_in * 1_000),
  })
  let intervalSeconds = code.interval ?? defaultIntervalSeconds
  for (;;) {
    await clock.sleep(intervalSeconds * 1_000, signal)
    if (signal?.aborted) throw new Problem('enrolment-code-invalid', 'Nobody waits for the approval any more.')
    const reply = await poll(exchange, code.device_code)
    if (reply.status === 200) return (JSON.parse(reply.text) as { access_token: string }).access_token
    const word = wordOf(reply)
    if (word === 'slow_down') intervalSeconds += slowerSeconds
    else if (word !== 'authorization_pending') throw refusalOf(word, reply)
  }
}

function poll(exchange: SignedExchange, deviceCode: string): Promise<Reply> {
  return exchange.postForm('/oauth/token', { grant_type: grantType, client_id: clientId, device_code: deviceCode })
}

function refusalOf(word: string | undefined, reply: Reply): Problem {
  if (word === 'access_denied') return new Problem('enrolment-code-invalid', 'Somebody refused this till.')
  if (word === 'expired_token') return new Problem('enrolment-code-invalid', 'Nobody approved this till in time.')
  return problemOf(reply)
}
