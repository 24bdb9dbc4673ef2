import { pauseReasonLengthMax } from '../../delivery/pause.ts'
import { jsonBody } from '../json-body.ts'
import { uuidPattern } from './page.ts'

interface Reason {
  reason: string
}

interface Retry {
  reason?: string
  all?: boolean
  fingerprint?: string
  eventIds?: string[]
  businessUnitId?: string
  businessDayDate?: string
  includeNeedsCheck?: boolean
}

const eventsMax = 1_000

export const reasonBody = jsonBody<Reason>({
  type: 'object',
  properties: { reason: { type: 'string', minLength: 1, maxLength: pauseReasonLengthMax } },
  required: ['reason'],
  additionalProperties: false,
})

export const retryBody = jsonBody<Retry>({
  type: 'object',
  properties: {
    all: { type: 'boolean', nullable: true },
    fingerprint: { type: 'string', pattern: '^[0-9a-f]{12}$', nullable: true },
    eventIds: {
      type: 'array',
      items: { type: 'string', pattern: uuidPattern },
      minItems: 1,
      maxItems: eventsMax,
      nullable: true,
    },
    businessUnitId: { type: 'string', minLength: 1, maxLength: 64, nullable: true },
    businessDayDate: { type: 'string', pattern: '^\\d{4}-\\d{2}-\\d{2}$', nullable: true },
    includeNeedsCheck: { type: 'boolean', nullable: true },
    reason: { type: 'string', minLength: 1, maxLength: pauseReasonLengthMax, nullable: true },
  },
  required: [],
  additionalProperties: false,
})

/** Of an act that may have a reason. */
export const maybeReasonBody = jsonBody<Partial<Reason>>({
  type: 'object',
  properties: { reason: { type: 'string', minLength: 1, maxLength: pauseReasonLengthMax, nullable: true } },
  required: [],
  additionalProperties: false,
})

/** Of an act that needs no words. */
export const emptyBody = jsonBody<Record<string, never>>({
  type: 'object',
  required: [],
  additionalProperties: false,
})
