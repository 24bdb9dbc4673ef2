import type { FastifyInstance } from 'fastify'
import type { SignInDeps } from '../../deps.ts'
import { registerBackChannelLogout } from './register-back-channel-logout.ts'
import { registerBreakGlass } from './register-break-glass.ts'
import { registerDevices } from './register-devices.ts'
import { registerHome } from './register-home.ts'
import { registerSession } from './register-session.ts'
import { registerSignIn } from './register-sign-in.ts'

/** Everything that people need to come in, and to go. */
export function registerPeople(app: FastifyInstance, deps: SignInDeps): void {
  registerHome(app, deps)
  registerSignIn(app, deps)
  registerSession(app, deps)
  registerBreakGlass(app, deps)
  registerDevices(app, deps)
  if (deps.readLogoutToken) registerBackChannelLogout(app, deps, deps.readLogoutToken)
}
