import { describe, expect, it } from 'vitest'
import { Problem } from '../contract/problem.ts'
import { createLogger } from './logger.ts'

function logging(level = 'debug') {
  const lines: string[] = []
  const stream = { write: (line: string) => void lines.push(line) }
  return { logger: createLogger({ level, name: 'test', stream }), lines }
}

describe('the logger', () => {
  it('writes one JSON object a line, with the level in words and the time in ISO 8601', () => {
    const { logger, lines } = logging()
    logger.child({ target: 'erp' }).warn({ attempts: 2 }, 'not reached')
    expect(lines).toHaveLength(1)
    const line = JSON.parse(lines[0] ?? '')
    expect(line).toMatchObject({ level: 'warn', name: 'test', target: 'erp', attempts: 2, msg: 'not reached' })
    expect(new Date(line.time).toISOString()).toBe(line.time)
  })

  it('leaves out what is less important than its level', () => {
    const { logger, lines } = logging('warn')
    logger.info({}, 'a')
    logger.error({}, 'b')
    expect(lines.map((line) => JSON.parse(line).msg)).toEqual(['b'])
  })

  it.each([
    { token: 'hunter2' },
    { databaseUrl: 'hunter2' },
    { headers: { authorization: 'hunter2', cookie: 'hunter2', 'set-cookie': 'hunter2', 'x-api-key': 'hunter2' } },
    { request: { headers: { authorization: 'hunter2' } } },
    { target: { settings: { own: { secret: 'hunter2', password: 'hunter2' } } } },
  ])('redacts %j', (fields) => {
    const { logger, lines } = logging()
    logger.info(fields, 'x')
    expect(lines.join()).not.toContain('hunter2')
    expect(lines.join()).toContain('[redacted]')
  })

  it('redacts the fields of a child too', () => {
    const { logger, lines } = logging()
    logger.child({ token: 'hunter2' }).info({}, 'x')
    expect(lines.join()).not.toContain('hunter2')
  })

  it('says of an error what it is, and never the row that PostgreSQL quotes', () => {
    const { logger, lines } = logging()
    const refused = Object.assign(new Error('duplicate key value violates unique constraint "t_pkey"'), {
      code: '23505',
      detail: 'Failing row contains (hunter2).',
      where: 'hunter2',
      parameters: ['hunter2'],
      table: 't',
      constraint: 't_pkey',
    })
    const cause = new Problem('storage-unavailable', undefined, { cause: refused })
    logger.error({ error: new AggregateError([cause], 'all failed') }, 'a group could not be recorded')
    expect(lines.join()).not.toContain('hunter2')
    const { error } = JSON.parse(lines[0] ?? '')
    expect(error).toMatchObject({ type: 'AggregateError', message: 'all failed' })
    expect(error.errors[0]).toMatchObject({ type: 'Problem', code: 'storage-unavailable' })
    expect(error.errors[0].cause).toMatchObject({ code: '23505', table: 't', constraint: 't_pkey' })
  })

  it('ends with an error that is its own cause', () => {
    const { logger, lines } = logging()
    const error = new Error('round')
    error.cause = error
    logger.error({ error }, 'x')
    expect(JSON.parse(lines[0] ?? '').error.cause.message).toBe('round')
  })

  it('takes what was thrown and is no error', () => {
    const { logger, lines } = logging()
    logger.error({ error: 'just text' }, 'x')
    expect(JSON.parse(lines[0] ?? '').error).toEqual({ type: 'string', message: 'just text' })
  })
})
