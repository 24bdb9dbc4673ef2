import { MultipleErrors, NetworkError, ResponseError, UserError } from '@platformatic/kafka'
import { expect, it } from 'vitest'
import { confirmedPartitions } from './confirmed-partitions.ts'
import { toBusFailure } from './failure.ts'

const produceApi = 0
const refusal = (code: number, response: unknown = {}) =>
  new ResponseError(produceApi, 11, { '/': [code, null] }, response)
const failureOf = (error: unknown) => toBusFailure(error, 'messages were not confirmed')

it('tells what passes from what does not', () => {
  const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })
  expect(failureOf(new NetworkError('x', { cause: refused }))).toMatchObject({ isTransient: true })
  expect(failureOf(refusal(6))).toMatchObject({ isTransient: true, message: expect.stringContaining('NOT_LEADER') })
  expect(failureOf(refusal(10))).toMatchObject({
    isTransient: false,
    message: expect.stringContaining('MESSAGE_TOO_LARGE'),
  })
  expect(failureOf(refusal(29))).toMatchObject({ isTransient: false })
  expect(failureOf(new UserError('Unknown topic t.'))).toMatchObject({ isTransient: false })
})

it('finds what is wrong for good below errors that say to try again', () => {
  const untrusted = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
  const failure = failureOf(new MultipleErrors('all', [new NetworkError('x', { cause: untrusted })]))
  expect(failure).toMatchObject({ isTransient: false, message: expect.stringContaining('self-signed certificate') })
})

it('keeps the cause, and leaves what is a failure already', () => {
  const cause = new Error('x')
  const failure = failureOf(cause)
  expect(failure.cause).toBe(cause)
  expect(toBusFailure(failure, 'other')).toBe(failure)
})

it('knows the partitions that were stored although the request failed', () => {
  const partitionResponses = [
    { index: 0, errorCode: 0 },
    { index: 1, errorCode: 6 },
  ]
  const answer = refusal(6, { responses: [{ name: 't', partitionResponses }] })
  const other = Object.assign(new Error('x'), { produced: { offsets: [{ topic: 't', partition: 2 }] } })
  const isConfirmed = confirmedPartitions(new MultipleErrors('all', [answer, other]))
  expect([0, 1, 2, 3].map((partition) => isConfirmed('t', partition))).toEqual([true, false, true, false])
})
