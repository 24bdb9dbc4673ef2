import type { FastifyRequest } from 'fastify'
import { Problem } from '../../../contract/problem.ts'

/** A header that another site cannot send: browsers ask before they do, and the hub never says yes. */
export const requestHeader = 'tillflow-request'

const safeMethods = ['GET', 'HEAD']

export function changesSomething({ method }: Pick<FastifyRequest, 'method'>): boolean {
  return !safeMethods.includes(method)
}

/**
 * Whether the browser says that a page of the hub made the request. What says nothing of it is no browser of today, and a cookie is worth
 * nothing without one. `Origin: null` is that of a page without a home, in a frame for one.
 */
export function isSameOrigin({ headers }: Pick<FastifyRequest, 'headers'>, publicUrl: string): boolean {
  if (headers.origin !== undefined) return headers.origin === new URL(publicUrl).origin
  return headers['sec-fetch-site'] === 'same-origin'
}

/** Throws Problem `cross-site-request`. */
export function requireSameOrigin(request: FastifyRequest, publicUrl: string): void {
  if (!isSameOrigin(request, publicUrl)) throw new Problem('cross-site-request')
}
