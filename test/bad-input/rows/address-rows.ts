import { marker, type Row, sale } from '../row.ts'

const refused = (row: number, name: string, path: string, more: Partial<Row> = {}): Row => {
  return { row, name, path, body: sale(), status: 400, code: 'request-malformed', kept: 'nothing', ...more }
}
const gone = { status: 404, code: 'not-found' }
const withHeaders = (row: number, name: string, headers: Record<string, string>): Row => {
  return { row, name, body: sale(), headers, status: 201, kept: 'recorded' }
}

/** Addresses, methods and headers that mean to be taken for others. */
export const addressRows: readonly Row[] = [
  refused(57, 'TRACE', '/v1/transactions', { method: 'TRACE', body: '', status: 405, code: 'method-not-allowed' }),
  refused(57, 'TRACE of nothing', `/${marker}`, { method: 'TRACE', body: '', status: 405, code: 'method-not-allowed' }),
  refused(57, 'DELETE', '/v1/transactions', { method: 'DELETE', status: 405, code: 'method-not-allowed' }),
  withHeaders(57, 'a header that names another method', {
    'x-http-method-override': 'DELETE',
    'x-http-method': 'DELETE',
    'x-method-override': 'DELETE',
  }),
  withHeaders(75, 'headers that name another caller', { 'x-user-id': 'admin', 'x-tenant': marker, 'x-store-id': '10' }),
  withHeaders(75, 'headers of a proxy that nobody named', {
    'x-forwarded-for': '10.1.2.3',
    'x-forwarded-host': marker,
    'x-forwarded-proto': 'https',
    forwarded: `for=10.1.2.3;host=${marker};proto=https`,
  }),
  refused(76, 'an address of 10 KiB', `/v1/transactions?${marker}=${'x'.repeat(10_240)}`, {
    status: 414,
    code: 'url-too-long',
  }),
  refused(76, 'two hundred headers', '/v1/transactions', {
    headers: Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`x-${marker}-${index}`, 'x'])),
    status: 431,
    code: 'headers-too-large',
  }),
  refused(78, 'dot segments, escaped', '/v1/nowhere/%2e%2e%2ftransactions'),
  refused(78, 'dot segments, escaped twice', '/v1/%252e%252e%252ftransactions'),
  refused(78, 'a letter, escaped', '/v1/%74ransactions'),
  refused(78, 'a null byte', `/v1/transactions%00${marker}`),
  refused(78, 'an overlong dot', `/v1/%c0%ae%c0%ae/${marker}`),
  refused(78, 'half an escape', `/v1/${marker}%f`),
  refused(78, 'a parameter of a segment', '/v1/transactions;v=2'),
  refused(78, 'slashes twice', '/v1//transactions', gone),
  refused(78, 'a slash at the end', '/v1/transactions/', gone),
  refused(78, 'capital letters', '/V1/Transactions', gone),
  refused(78, 'a name longer than any', `/v1/sources/${'x'.repeat(600)}`),
]
