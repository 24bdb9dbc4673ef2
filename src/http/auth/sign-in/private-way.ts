import type { FastifyInstance } from 'fastify'
import { Problem } from '../../../contract/problem.ts'

/** Over plain http whoever is on the way reads passwords, codes and the cookie; on this machine nobody is. Throws Problem `https-needed`. */
export function requirePrivateWay(publicUrl: string): void {
  const { protocol, hostname } = new URL(publicUrl)
  const isHere = hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname)
  if (protocol !== 'https:' && !isHere) throw new Problem('https-needed')
}

/** The same for every route of a room, before anything of a request is read. */
export function keepWayPrivate(scope: FastifyInstance, publicUrl: () => string): void {
  scope.addHook('onRequest', async () => requirePrivateWay(publicUrl()))
}
