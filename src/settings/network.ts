import { isIP } from 'node:net'

/** Whether a text is a network in CIDR form. One of no bits is everybody, which is nobody's proxy. */
export function isNetwork(text: string): boolean {
  const [address = '', bits = ''] = text.split('/')
  const version = isIP(address)
  return version !== 0 && /^\d{1,3}$/.test(bits) && Number(bits) >= 1 && Number(bits) <= (version === 4 ? 32 : 128)
}
