import type { FastifyInstance } from 'fastify'
import type { Operation } from '../openapi/operation.ts'
import { stylePath } from './page.ts'
import { style } from './style.ts'

const operation: Operation = {
  id: 'readStyle',
  summary: 'The style of the pages',
  tag: 'identity',
  access: [],
  answers: {},
  problems: [],
  isDescribedElsewhere: true,
}

/** `GET /assets/pages.css`: the pages allow no style within them. */
export function registerStyle(app: FastifyInstance): void {
  app.get(stylePath, { config: { operation } }, async (_request, reply) =>
    reply.headers({ 'content-type': 'text/css; charset=utf-8', 'cache-control': 'public, max-age=3600' }).send(style),
  )
}
