import { Problem } from '../../contract/problem.ts'
import type { ReplayRequest } from '../../delivery/replay/plan-replay.ts'
import {
  type ReplayableState,
  type ReplayMode,
  replayableStates,
  replayModes,
  replayRateMax,
} from '../../delivery/replay/replay.ts'
import { type TransactionType, transactionTypes } from '../../domain/transaction/codes.ts'
import { jsonBody } from '../json-body.ts'

interface PlanBody {
  reason: string
  mode?: ReplayMode
  ratePerSecond?: number
  businessUnitId?: string
  businessDayDate?: string
  transactionTypes?: TransactionType[]
  recordedSince?: string
  recordedUntil?: string
  states?: ReplayableState[]
  error?: string
}

interface RunBody {
  confirm?: 'again'
  ratePerSecond?: number
}

const rate = { type: 'integer', minimum: 1, maximum: replayRateMax, nullable: true } as const
const text = (maxLength: number) => ({ type: 'string', minLength: 1, maxLength, nullable: true }) as const

/** Body of a plan: why, which receipts, how. */
export const planBody = jsonBody<PlanBody>({
  type: 'object',
  properties: {
    reason: { type: 'string', minLength: 1, maxLength: 500 },
    mode: { type: 'string', enum: replayModes, nullable: true },
    ratePerSecond: rate,
    businessUnitId: text(64),
    businessDayDate: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', nullable: true },
    transactionTypes: {
      type: 'array',
      items: { type: 'string', enum: transactionTypes },
      minItems: 1,
      maxItems: 50,
      nullable: true,
    },
    recordedSince: text(40),
    recordedUntil: text(40),
    states: {
      type: 'array',
      items: { type: 'string', enum: replayableStates },
      minItems: 1,
      maxItems: 10,
      nullable: true,
    },
    error: text(500),
  },
  required: ['reason'],
  additionalProperties: false,
})

/** Body of a run: `{"confirm":"again"}` where the mode is `again`. */
export const runBody = jsonBody<RunBody>({
  type: 'object',
  properties: { confirm: { type: 'string', enum: ['again'], nullable: true }, ratePerSecond: rate },
  required: [],
  additionalProperties: false,
})

/** The plan that a body asks for. */
export function planRequestOf(body: PlanBody, actor: string): ReplayRequest {
  const { reason, mode = 'missing', ratePerSecond, recordedSince, recordedUntil, ...filter } = body
  return {
    mode,
    reason,
    actor,
    filter: {
      ...filter,
      ...(recordedSince && { recordedSince: readTime(recordedSince, 'recordedSince') }),
      ...(recordedUntil && { recordedUntil: readTime(recordedUntil, 'recordedUntil') }),
    },
    ...(ratePerSecond && { ratePerSecond }),
  }
}

function readTime(value: string, name: string): Date {
  const at = new Date(value)
  if (!/^\d{4}-\d{2}-\d{2}T/.test(value) || Number.isNaN(at.getTime()))
    throw new Problem('request-invalid', `${name} must be an RFC 3339 time.`)
  return at
}
