import type { Connector } from '../contract/connector.ts'
import { file } from './file/connector.ts'
import { referenceErp } from './reference-erp/connector.ts'
import { tryton } from './tryton/connector.ts'
import { webhook } from './webhook/connector.ts'

export { validateConnectorSettings } from './validate-settings.ts'

/** Every connector that this version has. */
export const connectors: readonly Connector[] = [webhook, referenceErp, tryton, file]

export function findConnector(name: string): Connector | undefined {
  return connectors.find((connector) => connector.name === name)
}
