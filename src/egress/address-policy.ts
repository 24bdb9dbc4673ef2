import ipaddr from 'ipaddr.js'

export interface AddressOptions {
  /** Loopback and private addresses are allowed: a system in the retailer's own network. */
  allowPrivateNetwork: boolean
}

/** Where clouds tell machines their credentials. No setting ever opens these (AWS, Azure, Alibaba, Oracle). */
const metadataAddresses = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '168.63.129.16',
  '100.100.100.200',
  '192.0.0.192',
  'fd00:ec2:0:0:0:0:0:254',
])

const privateRanges = new Set(['loopback', 'private', 'carrierGradeNat', 'uniqueLocal'])

/** Global unicast is 2000::/3; everything else in IPv6 is special, also what no registry has a name for yet. */
const globalUnicast: [ipaddr.IPv6, number] = [ipaddr.IPv6.parse('2000::'), 3]

/**
 * Whether a connection to this IP address may be made. Public unicast only; with `allowPrivateNetwork` also loopback,
 * RFC 1918, RFC 6598 and unique local addresses. Link-local, multicast, unspecified, reserved, 6to4, NAT64 and Teredo never:
 * the tunnels would reach private IPv4 addresses in disguise. Text that is not an address is not allowed.
 */
export function isAddressAllowed(text: string, options: AddressOptions): boolean {
  const bare = text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text
  // A zone (`fe80::1%eth0`) only makes sense for link-local addresses.
  if (bare.includes('%') || !ipaddr.isValid(bare)) return false
  // `process` turns IPv4-mapped IPv6 (`::ffff:127.0.0.1`) into IPv4.
  const address = ipaddr.process(bare)
  if (metadataAddresses.has(address.toNormalizedString())) return false
  const range = address.range()
  if (options.allowPrivateNetwork && privateRanges.has(range)) return true
  if (range !== 'unicast') return false
  return address.kind() === 'ipv4' || (address as ipaddr.IPv6).match(globalUnicast)
}
