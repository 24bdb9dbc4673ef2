import type { FastifyInstance } from 'fastify'
import { Problem } from '../contract/problem.ts'
import { sendProblem } from './problem-answer.ts'

/**
 * Answers 408 when the body of a single document is not there in time. Streams are left alone: they are as long as they are,
 * and each of their lines is answered by itself.
 */
export function limitBodyTime(app: FastifyInstance, timeoutMs: number): void {
  const timers = new WeakMap<object, NodeJS.Timeout>()
  app.addHook('preParsing', (request, reply, payload, done) => {
    if (request.headers['content-type']?.startsWith('application/json')) {
      const giveUp = () => {
        if (!reply.sent) sendProblem(reply, new Problem('request-timeout'))
      }
      timers.set(request, setTimeout(giveUp, timeoutMs))
    }
    done(null, payload)
  })
  app.addHook('preValidation', (request, _reply, done) => {
    clearTimeout(timers.get(request))
    done()
  })
  app.addHook('onResponse', (request, _reply, done) => {
    clearTimeout(timers.get(request))
    done()
  })
}
