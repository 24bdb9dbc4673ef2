import type { Connector } from '../../contract/connector.ts'
import { jsonTargetUrl } from '../call-json.ts'
import { type ErpTarget, findDocuments, postDocument, readDocumentsOfDay } from './client.ts'
import { readOtherMethods } from './payment-method.ts'
import { toTheirDocument } from './translate.ts'

/** The ERP that comes with the hub, for tests, the demo, and as the example to write a connector by. */
export const referenceErp: Connector = {
  name: 'reference-erp',
  title: 'Reference ERP',
  settings: [
    { name: 'url', kind: 'url', title: 'Address of the ERP', required: true },
    { name: 'apiKey', kind: 'secret', title: 'Key, sent as a bearer token', required: false },
    {
      name: 'idempotent',
      kind: 'boolean',
      title: 'The ERP answers a repeated idempotency key with the first booking',
      required: false,
      default: true,
    },
    {
      name: 'paymentMethods',
      kind: 'string',
      title: 'Means of payment that go to another account than usual, e.g. OTHER=voucher,LOYALTY=account',
      required: false,
    },
  ],
  connect({ url, apiKey, idempotent = true, paymentMethods = '' }, environment) {
    const target: ErpTarget = {
      url: jsonTargetUrl(url, environment),
      idempotent: idempotent === true,
      methods: readOtherMethods(String(paymentMethods)),
      ...(apiKey !== undefined && { apiKey: String(apiKey) }),
    }
    return {
      features: { idempotent: target.idempotent, lookUp: true, repeatable: true },
      postTransaction: (event, context) => postDocument(target, event, context),
      findPosting: (event, context) => findDocuments(target, event, context),
      readStoreDay: (day, context) => readDocumentsOfDay(target, day, context),
      preview: (event) => toTheirDocument(event, target.methods),
    }
  },
}
