import type { ConnectorContext } from '../../contract/connector.ts'
import type { Directory } from './directory.ts'
import type { Session } from './session.ts'

/** What every step needs: the connection's session and directory, and the attempt's context. */
export interface StepTools {
  session: Session
  directory: Directory
  context: ConnectorContext
}
