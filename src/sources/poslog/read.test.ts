import { testStore } from '../../testing/receipts.ts'
import { hostileMarker } from '../../testing/source/hostile-input.ts'
import { describeSourceConformance, type HostileInput } from '../../testing/source-conformance.ts'
import { poslog } from './source.ts'

const root = '<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">'
const document = (content: string) => `${root}<Transaction>${content}</Transaction></POSLog>`
const hostile = (name: string, text: string | Uint8Array, code: HostileInput['code']): HostileInput => ({
  name,
  bytes: typeof text === 'string' ? Buffer.from(text) : text,
  code,
})

describeSourceConformance(poslog, {
  samplesDirectory: new URL('samples/', import.meta.url),
  context: { store: (businessUnitId) => ({ ...testStore, businessUnitId }) },
  secrets: ['zq-', '1999-09-09', 'Zqlennart'],
  hostile: [
    hostile('nothing', '', 'xml-malformed'),
    hostile(
      'a DOCTYPE',
      `<!DOCTYPE POSLog [<!ENTITY a "${hostileMarker}">]>${document('&a;')}`,
      'xml-doctype-forbidden',
    ),
    hostile(
      'an external entity',
      `<!DOCTYPE POSLog SYSTEM "file:///${hostileMarker}">${document('')}`,
      'xml-doctype-forbidden',
    ),
    hostile('an entity nobody declared', document(`&${hostileMarker};`), 'xml-malformed'),
    hostile('the name of an object property as entity', document('&constructor;'), 'xml-malformed'),
    hostile('a truncated document', document('<A>1</A>').slice(0, -9), 'xml-malformed'),
    hostile('two roots', document('') + document(''), 'xml-malformed'),
    hostile('text after the root', `${document('')}${hostileMarker}`, 'xml-malformed'),
    hostile('another root', '<Invoice xmlns="http://www.nrf-arts.org/IXRetail/namespace/"/>', 'xml-malformed'),
    hostile('another namespace', `<POSLog xmlns="http://${hostileMarker}/"/>`, 'xml-malformed'),
    hostile('no namespace', '<POSLog><Transaction/></POSLog>', 'xml-malformed'),
    hostile(
      'transactions outside the namespace of their root',
      '<p:POSLog xmlns:p="http://www.nrf-arts.org/IXRetail/namespace/"><Transaction/></p:POSLog>',
      'xml-malformed',
    ),
    hostile('a prefix that is not declared', document(`<${hostileMarker}:A/>`), 'xml-malformed'),
    hostile('an attribute twice', document(`<A b="1" b="${hostileMarker}"/>`), 'xml-malformed'),
    hostile('an unclosed element', document(`<${hostileMarker}>`), 'xml-malformed'),
    hostile('deep nesting', document('<a>'.repeat(100_000)), 'xml-too-complex'),
    hostile('deep nesting where nobody looks', document(`<Name>${'<a>'.repeat(1000)}`), 'xml-too-complex'),
    hostile(
      'a thousand attributes',
      document(`<A ${Array.from({ length: 1000 }, (_, at) => `a${at}="1"`).join(' ')}/>`),
      'xml-too-complex',
    ),
    hostile('a text of two megabytes', document(`<A>${'x'.repeat(2_000_000)}</A>`), 'xml-too-complex'),
    hostile('an attribute of two megabytes', document(`<A b="${'x'.repeat(2_000_000)}"/>`), 'xml-too-complex'),
    hostile('a comment without end', `${root}<!--${'x'.repeat(2_000_000)}`, 'xml-too-complex'),
    hostile('a name of a thousand characters', document(`<${'n'.repeat(1000)}/>`), 'xml-too-complex'),
    hostile(
      'another encoding by its declaration',
      `<?xml version="1.0" encoding="ISO-8859-1"?>${document('')}`,
      'invalid-encoding',
    ),
    hostile(
      'characters that US-ASCII has not',
      `<?xml version="1.0" encoding="US-ASCII"?>${document('<A>ö</A>')}`,
      'invalid-encoding',
    ),
    hostile('UTF-16', Buffer.from(`\uFEFF${document('')}`, 'utf16le'), 'invalid-encoding'),
    hostile('invalid UTF-8', Buffer.concat([Buffer.from(root), Buffer.from([0xc3, 0x28])]), 'invalid-encoding'),
    hostile(
      'UTF-8 that ends within a character',
      Buffer.concat([Buffer.from(document('')), Buffer.from([0xc3])]),
      'invalid-encoding',
    ),
  ],
})
