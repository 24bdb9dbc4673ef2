import { marker, poslog, type Row, xml } from '../row.ts'

/** XML as attackers and broken senders write it. */
export const xmlRows: readonly Row[] = [
  {
    row: 39,
    name: 'a DOCTYPE',
    ...poslog,
    body: `<!DOCTYPE x [<!ENTITY a "${marker}">]>${xml('')}`,
    status: 400,
    code: 'xml-doctype-forbidden',
    kept: 'nothing',
  },
  {
    row: 40,
    name: 'XML that ends in the middle',
    ...poslog,
    body: `${xml('<Transaction>').slice(0, 75)}${marker}`,
    status: 400,
    code: 'xml-malformed',
    kept: 'nothing',
  },
  {
    row: 40,
    name: 'XML too deep',
    ...poslog,
    body: xml(`<Transaction>${'<a>'.repeat(500)}${'</a>'.repeat(500)}</Transaction>`),
    status: 400,
    code: 'xml-too-complex',
    kept: 'nothing',
  },
  {
    row: 41,
    name: 'XML in another encoding',
    ...poslog,
    body: `<?xml version="1.0" encoding="ISO-8859-1"?>${xml('')}`,
    status: 400,
    code: 'invalid-encoding',
    kept: 'nothing',
  },
]
