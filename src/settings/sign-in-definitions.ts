import type { Definition } from './definition.ts'
import { minuteMs } from './units.ts'

/** How people come in, and for how long. */
export const signInDefinitions = {
  signIn: {
    group: 'Sign-in',
    kind: 'choice',
    choices: ['embedded', 'external', 'none'],
    default: 'embedded',
    description:
      'Where people sign in. `embedded`: at the authorization server of the hub, which knows them itself. `external`: at your OpenID provider. `none`: nowhere, and there are no sessions.',
  },
  signInIssuer: {
    group: 'Sign-in',
    kind: 'string',
    default: '',
    pattern: /^(https?:\/\/[^\s?#]+)?$/,
    form: 'http:// or https:// with a host, and a path if any',
    description: 'Your provider, letter by letter as its metadata name it: `issuer`. For `external`.',
  },
  signInClientId: {
    group: 'Sign-in',
    kind: 'string',
    default: '',
    description: 'How your provider knows the hub. For `external`.',
  },
  signInClientSecret: {
    group: 'Sign-in',
    kind: 'secret',
    default: '',
    description: 'What the hub shows your provider. For `external`; or `signInClientKey`.',
  },
  signInClientSecretMethod: {
    group: 'Sign-in',
    kind: 'choice',
    choices: ['auto', 'client_secret_basic', 'client_secret_post'],
    default: 'auto',
    description:
      'How the secret is shown: as HTTP Basic, or in the body. `auto`: as Basic, unless the metadata of the provider name only the other. Some providers do not decode Basic as RFC 6749 has it, and refuse a secret or client id with special characters in it.',
  },
  signInClientKey: {
    group: 'Sign-in',
    kind: 'secret',
    default: '',
    pattern: /^-----BEGIN PRIVATE KEY-----[\s\S]+-----END PRIVATE KEY-----\s*$/,
    form: 'a private key in PEM (PKCS #8), EC P-256, RSA or Ed25519; best as file:/path',
    description: 'The key by which the hub signs what it shows your provider (`private_key_jwt`), instead of a secret.',
  },
  signInScopes: {
    group: 'Sign-in',
    kind: 'string',
    default: 'openid profile email',
    pattern: /^openid( [\x21\x23-\x5b\x5d-\x7e]+)*$/,
    form: 'openid, and what else your provider asks for, with blanks in between',
    description: 'What the hub asks your provider for.',
  },
  signInGroupsClaim: {
    group: 'Sign-in',
    kind: 'string',
    default: 'groups',
    pattern: /^[^\s.]+(\.[^\s.]+)*$/,
    form: 'a name, or names with dots in between, such as realm_access.roles',
    description:
      'The claim that names the groups of a person: of the ID token, or, where it is not there, of the userinfo endpoint.',
  },
  signInGroups: {
    group: 'Sign-in',
    kind: 'objects',
    default: [],
    description:
      'Which group of your provider means which role, and for which stores: group, role, and legalEntity, region or store, or none of them. Whoever is in none of these groups does not come in.',
  },
  signInAllowPrivateNetwork: {
    group: 'Sign-in',
    kind: 'boolean',
    default: false,
    description: 'Your provider may have a private or loopback address, and plain http.',
  },
  sessionMaxMs: {
    group: 'Sign-in',
    kind: 'integer',
    unit: 'ms',
    default: 12 * 60 * minuteMs,
    minimum: minuteMs,
    maximum: 24 * 60 * minuteMs,
    description:
      'A session ends after so long, whatever is done in it; signing in again asks the provider who the person is and in which groups now.',
  },
  sessionIdleMs: {
    group: 'Sign-in',
    kind: 'integer',
    unit: 'ms',
    default: 30 * minuteMs,
    minimum: 2 * minuteMs,
    maximum: 24 * 60 * minuteMs,
    description: 'A session in which nothing is done for so long ends.',
  },
} as const satisfies Record<string, Definition>
