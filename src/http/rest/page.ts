import { integerParameter, textParameter } from '../parameter.ts'

export const uuidPattern = '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$'
export const pageDefault = 50

const problem = 'invalid-page'
const description = 'The `next` of the page before.'

/** How a page of a list is asked for. A list takes `limit`, and the one of the others that its `next` is. */
export const pageParameters = {
  limit: integerParameter('limit', {
    description: 'How many at most.',
    problem,
    minimum: 1,
    maximum: 200,
    default: pageDefault,
  }),
  before: textParameter('before', { description, problem, pattern: uuidPattern }),
  after: integerParameter('after', { description, problem, minimum: 0, maximum: 999_999_999_999_999, default: 0 }),
  afterEvent: textParameter('after', { description, problem, pattern: uuidPattern }),
}
