import { createReadStream } from 'node:fs'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { pipeline } from 'node:stream/promises'
import { readBody, sendAnswer } from './exchange.ts'
import { changeFaults, type Faults, noFaults } from './faults.ts'
import type { GroupLog } from './group-log.ts'

export interface AdminOptions {
  faults: Faults
  effects: GroupLog
  effectsPath: string
  counts(): Record<string, number>
}

export interface Admin {
  /** The faults as they are set at this moment. */
  faults(): Faults
  handle(request: IncomingMessage, response: ServerResponse, path: string): Promise<void>
}

const faultMethods: ReadonlySet<string> = new Set(['GET', 'PUT', 'PATCH', 'POST'])

/**
 * What tests and demos ask and set while the process runs: `GET /admin/effects` (NDJSON), `GET /admin/counts`, and
 * `/admin/faults`, where PUT replaces all of them, PATCH or POST changes some, and GET reads them. Another method is refused: a test
 * that believed it had set a fault would prove nothing.
 */
export function createAdmin(options: AdminOptions): Admin {
  let faults = options.faults
  return {
    faults: () => faults,
    async handle(request, response, path) {
      if (path === '/admin/effects') {
        await options.effects.settled()
        response.writeHead(200, { 'content-type': 'application/x-ndjson' })
        return pipeline(createReadStream(options.effectsPath), response)
      }
      if (path === '/admin/counts') return sendAnswer(response, { status: 200, body: options.counts() })
      if (path !== '/admin/faults') return sendAnswer(response, { status: 404, body: {} })
      if (!faultMethods.has(request.method ?? '')) {
        return sendAnswer(response, { status: 405, body: {}, headers: { allow: [...faultMethods].join(', ') } })
      }
      if (request.method !== 'GET') {
        try {
          const changes: unknown = JSON.parse((await readBody(request)) ?? '')
          faults = changeFaults(request.method === 'PUT' ? noFaults : faults, changes)
        } catch (error) {
          return sendAnswer(response, { status: 422, body: { error: { code: 'malformed', message: String(error) } } })
        }
      }
      sendAnswer(response, { status: 200, body: faults })
    },
  }
}
