import type { Definition } from './definition.ts'
import { minuteMs } from './units.ts'

/** Who may come in, and by whose word. */
export const identityDefinitions = {
  publicUrl: {
    group: 'Identity',
    kind: 'string',
    default: '',
    pattern: /^(https?:\/\/[A-Za-z0-9.-]+(:\d{1,5})?|https?:\/\/\[[0-9a-fA-F:]+\](:\d{1,5})?)?$/,
    form: 'http:// or https:// with a host, and a port if any, without a path',
    description:
      'What tills and browsers call, as seen from outside; tokens and proofs are made for it. Empty: the address that is listened on.',
  },
  authorizationServer: {
    group: 'Identity',
    kind: 'choice',
    choices: ['embedded', 'none'],
    default: 'embedded',
    description:
      'Who gives tokens to tills and machines. `embedded`: the hub, below /oauth. `none`: only issuers of `trustedIssuers`, beside API tokens.',
  },
  trustedIssuers: {
    group: 'Identity',
    kind: 'objects',
    default: [],
    description:
      'Other authorization servers whose access tokens are taken: name, issuer, audience, and which of their claims mean what.',
  },
  clientCertificateHeader: {
    group: 'Identity',
    kind: 'string',
    default: '',
    pattern: /^([A-Za-z][A-Za-z0-9-]{0,63})?$/,
    form: 'the name of a header',
    description:
      'Header in which your proxy passes checked client certificates on (RFC 9440, or PEM in percent-encoding); the proxy must overwrite what clients send in it. Empty: no tokens that are bound to certificates.',
  },
  signingKeyDays: {
    group: 'Identity',
    kind: 'integer',
    unit: 'days',
    default: 90,
    minimum: 0,
    maximum: 3_650,
    description:
      'After so long the next key signs tokens, by itself (role `scheduler`); tokens that are out stay good. 0: only by `tillflow key rotate-signing`.',
  },
  proofReplays: {
    group: 'Identity',
    kind: 'choice',
    choices: ['shared', 'process'],
    default: 'shared',
    description:
      'Who remembers which proofs (DPoP) were used. `shared`: all processes, by the database, so that a proof works once. `process`: each for itself, which spares a statement; enough where one process has the role `api`.',
  },
  identityPollMs: {
    group: 'Identity',
    kind: 'integer',
    unit: 'ms',
    default: 15_000,
    minimum: 100,
    maximum: minuteMs / 2,
    description: 'How often a process reads signing keys and revoked clients: so long a revoked till may still send.',
  },
} as const satisfies Record<string, Definition>
