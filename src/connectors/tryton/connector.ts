import type { Connector } from '../../contract/connector.ts'
import { jsonTargetUrl } from '../call-json.ts'
import { findReceipt, postReceipt } from './client.ts'
import { Directory } from './directory.ts'
import { readDay } from './read-day.ts'
import { Session } from './session.ts'
import { priceDecimalsDefault, toTheirReceipt } from './translate.ts'

/** Tryton, over its JSON-RPC: a sale with its posted invoice, its stock moves and its payment for every receipt. */
export const tryton: Connector = {
  name: 'tryton',
  title: 'Tryton',
  settings: [
    { name: 'url', kind: 'url', title: 'Address of the Tryton server', required: true },
    { name: 'database', kind: 'string', title: 'Name of the database', required: true },
    { name: 'user', kind: 'string', title: 'User, whose company gets the receipts', required: true },
    { name: 'password', kind: 'secret', title: 'Password of the user', required: true },
    {
      name: 'createMissing',
      kind: 'boolean',
      title: 'Parties, accounts, taxes, journals and warehouses that Tryton does not have are made',
      required: false,
      default: true,
    },
    {
      name: 'createProducts',
      kind: 'boolean',
      title: 'Products too, with createMissing; off: a receipt with an unknown product is parked',
      required: false,
      default: true,
    },
    {
      name: 'priceDecimals',
      kind: 'integer',
      title: 'Decimals of a unit price, as in the configuration of the server (price_decimal)',
      required: false,
      default: priceDecimalsDefault,
      minimum: 2,
      maximum: 10,
    },
  ],
  connect({ url, database, user, password, priceDecimals = priceDecimalsDefault, ...may }, environment) {
    const session = new Session({
      url: jsonTargetUrl(url, environment),
      database: String(database),
      user: String(user),
      password: String(password),
    })
    const directory = new Directory(session, {
      createMissing: may.createMissing !== false,
      createProducts: may.createProducts !== false,
    })
    const connection = { session, directory, priceDecimals: Number(priceDecimals) }
    return {
      features: { idempotent: false, lookUp: true, resumes: true },
      postTransaction: (event, context) => postReceipt(connection, event, context),
      findPosting: (event, context) => findReceipt(connection, event, context),
      readStoreDay: (day, context) => readDay(session, day, context),
      preview: (event) => toTheirReceipt(event, Number(priceDecimals)),
    }
  },
}
