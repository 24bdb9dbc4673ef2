/**
 * Text of a value in an AMQP 0-9-1 table, which may be a boolean, a number, bytes, a decimal, a list or a table of its own. Undefined
 * for none.
 */
export function textOfHeader(value: unknown): string | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value === 'string') return value
  if (typeof value === 'boolean' || typeof value === 'number' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === 'bigint' ? String(inner) : inner))
}
