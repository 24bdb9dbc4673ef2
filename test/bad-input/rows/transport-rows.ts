import { gzipSync } from 'node:zlib'
import { type Row, sale, xml } from '../row.ts'

/** Bodies, types and addresses, before anything is read. */
export const transportRows: readonly Row[] = [
  {
    row: 42,
    name: 'a gzip bomb',
    path: '/v1/sources/poslog',
    body: gzipSync(xml(' '.repeat(20_000_000))),
    headers: { 'content-type': 'application/xml', 'content-encoding': 'gzip' },
    status: 413,
    code: 'decompressed-too-large',
    kept: 'nothing',
  },
  {
    row: 42,
    name: 'two encodings',
    body: sale(),
    headers: { 'content-encoding': 'gzip, gzip' },
    status: 415,
    code: 'unsupported-media-type',
    kept: 'nothing',
  },
  {
    row: 55,
    name: 'an address that is not there',
    path: '/v1/nowhere',
    body: sale(),
    status: 404,
    code: 'not-found',
    kept: 'nothing',
  },
  {
    row: 77,
    name: 'another content type',
    body: sale(),
    headers: { 'content-type': 'text/plain' },
    status: 415,
    code: 'unsupported-media-type',
    kept: 'nothing',
  },
]
