import { lookup } from 'node:dns/promises'
import { isIP, type Socket } from 'node:net'
import { buildConnector } from 'undici'
import { Problem } from '../contract/problem.ts'
import { TransportFailure } from '../contract/transport-failure.ts'
import { type AddressOptions, isAddressAllowed } from './address-policy.ts'

/** All addresses of a name. */
export type ResolveName = (hostname: string) => Promise<string[]>

export interface CheckedConnectorOptions extends AddressOptions {
  connectTimeoutMs: number
  resolve?: ResolveName | undefined
}

/** More answers than this are not tried. */
const addressesMax = 8

const resolveWithSystem: ResolveName = async (hostname) =>
  (await lookup(hostname, { all: true, verbatim: true })).map((answer) => answer.address)

/**
 * Makes connections to checked addresses only: a name is resolved, every answer must be allowed, and the socket goes to an
 * address that was checked, so that a second answer of the DNS cannot matter. Literals are checked here too: undici does not
 * ask its `lookup` for them. The TLS name stays the host's.
 */
export function createCheckedConnector(options: CheckedConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: options.connectTimeoutMs, allowH2: false })
  return (target, callback) => {
    openSocket(connect, target, options).then(
      (socket) => callback(null, socket),
      (error) => callback(toFailure(error), null),
    )
  }
}

async function openSocket(
  connect: buildConnector.connector,
  target: buildConnector.Options,
  options: CheckedConnectorOptions,
): Promise<Socket> {
  const literal = target.hostname.startsWith('[') ? target.hostname.slice(1, -1) : target.hostname
  const isLiteral = isIP(literal) !== 0
  const addresses = isLiteral ? [literal] : await (options.resolve ?? resolveWithSystem)(literal)
  if (addresses.length === 0) throw new TransportFailure('before-sending', 'ENOTFOUND')
  if (!addresses.every((address) => isAddressAllowed(address, options))) {
    throw new Problem('target-not-allowed', 'The name of the target has an address that is not allowed.')
  }
  let failure: unknown
  for (const address of addresses.slice(0, addressesMax)) {
    try {
      return await connectTo(connect, { ...target, hostname: address }, isLiteral ? undefined : literal)
    } catch (error) {
      failure = error
    }
  }
  throw failure
}

function connectTo(
  connect: buildConnector.connector,
  target: buildConnector.Options,
  name: string | undefined,
): Promise<Socket> {
  const { servername: _, ...rest } = target
  const named = target.protocol === 'https:' && name !== undefined ? { ...rest, servername: name } : rest
  return new Promise((resolve, reject) => {
    connect(named, (error, socket) => (error ? reject(error) : resolve(socket as Socket)))
  })
}

function toFailure(error: unknown): Error {
  if (error instanceof Problem || error instanceof TransportFailure) return error
  const code = (error as NodeJS.ErrnoException | undefined)?.code ?? 'connect'
  return new TransportFailure('before-sending', code, { cause: error })
}
