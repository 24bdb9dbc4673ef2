import { isIP } from 'node:net'
import { Problem } from '../contract/problem.ts'
import { type AddressOptions, isAddressAllowed } from './address-policy.ts'

/** Ports of other protocols that an HTTP request can be mistaken for: the block list of the Fetch standard, and 445 (SMB). */
const otherProtocols = new Set([
  0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103, 104, 109, 110, 111,
  113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 445, 465, 512, 513, 514, 515, 526, 530, 531, 532, 540, 548,
  554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665,
  6666, 6667, 6668, 6669, 6679, 6697, 10080,
]) // biome-ignore format: a list reads better as a block

/** Names that never leave a network, or that belong to the machine itself. */
const privateSuffixes = ['localhost', 'local', 'internal', 'intranet', 'lan', 'home', 'corp', 'private', 'home.arpa']
const metadataNames = new Set(['metadata', 'metadata.google.internal', 'metadata.goog', 'instance-data'])

/**
 * Checks the address of a target when it is saved, without asking the DNS; the guarded client checks again whenever it
 * connects. Throws the Problem `target-not-allowed`, whose detail names the rule and not the address.
 *
 * The URL parser of the WHATWG has already turned `0x7f.1`, `0177.1` and `2130706433` into 127.0.0.1.
 */
export function checkTargetUrl(url: string, options: AddressOptions): URL {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (!parsed) throw refuse('is not a URL')
  const { protocol } = parsed
  if (protocol !== 'https:' && protocol !== 'http:') throw refuse('must be https')
  if (protocol === 'http:' && !options.allowPrivateNetwork) throw refuse('must be https outside private networks')
  if (parsed.username !== '' || parsed.password !== '') throw refuse('must not hold a user name or password')
  if (!isPortAllowed(parsed, options)) throw refuse('has a port that is not for HTTP')
  const host = parsed.hostname.replace(/\.$/, '').toLowerCase()
  const literal = host.startsWith('[') ? host.slice(1, -1) : host
  if (isIP(literal) !== 0) {
    if (!isAddressAllowed(literal, options)) throw refuse('has an IP address that is not allowed')
  } else if (!isNameAllowed(host, options)) {
    throw refuse('has a host name that is not allowed')
  }
  return parsed
}

/** Below 1024 only HTTPS has a reason to be on the Internet; an ERP in a private network may sit on 81 or 444. */
function isPortAllowed({ port, protocol }: URL, { allowPrivateNetwork }: AddressOptions): boolean {
  const number = port === '' ? (protocol === 'https:' ? 443 : 80) : Number(port)
  if (otherProtocols.has(number)) return false
  return allowPrivateNetwork || number === 443 || number >= 1024
}

function isNameAllowed(host: string, { allowPrivateNetwork }: AddressOptions): boolean {
  if (host === '' || host.endsWith('.') || metadataNames.has(host)) return false
  if (allowPrivateNetwork) return true
  if (!host.includes('.')) return false
  return !privateSuffixes.some((suffix) => host.endsWith(`.${suffix}`))
}

function refuse(rule: string): Problem {
  return new Problem('target-not-allowed', `The target address ${rule}.`)
}
