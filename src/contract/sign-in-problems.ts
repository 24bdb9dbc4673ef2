/** Of the sign-in of people and their sessions; a part of `problemCodes`. */
export const signInProblemCodes = {
  'session-ended': [401, 'You are not signed in, or not any more.', 'Sign in: /auth/sign-in.'],
  'credentials-ambiguous': [
    400,
    'The request has a token and a session.',
    'Send one of them: the Authorization header, or the cookie.',
  ],
  'cross-site-request': [
    403,
    'A request that changes something was not made by a page of the hub.',
    'Send it from the address in publicUrl with the header Tillflow-Request: 1, or use the form of a page that was loaded lately.',
  ],
  'https-needed': [403, 'People sign in over https only.', 'Set publicUrl to the https address of the hub.'],
  'sign-in-expired': [
    400,
    'This sign-in was not begun in this browser, or too long ago.',
    'Begin again. If it happens each time, open the hub by the address in publicUrl, and allow its cookies.',
  ],
  'sign-in-refused': [401, 'The provider did not sign you in.', 'Begin again, or ask whoever runs the provider.'],
  'sign-in-failed': [
    401,
    'What the provider said of you cannot be believed.',
    'Begin again. If it happens each time, compare signInIssuer and the client with the provider; the log of the hub says more.',
  ],
  'sign-in-no-role': [
    403,
    'You are known, and have no role here.',
    'Ask for a group at the provider that signInGroups names; then sign in again.',
  ],
  'sign-in-too-many-groups': [
    403,
    'The provider did not say in which groups you are: there are too many of them for a token.',
    'Whoever runs the provider has it name only the groups that matter here (Entra ID: those that are assigned to the application, or its roles, with signInGroupsClaim roles).',
  ],
  'logout-token-invalid': [
    400,
    'What came as a logout of the provider is none.',
    'It works once, for ten minutes, signed by the provider of signInIssuer for the client of signInClientId (OpenID Connect Back-Channel Logout 1.0); the log of the hub says more.',
  ],
  'identity-provider-unavailable': [
    503,
    'The provider at which people sign in does not answer as it should.',
    'Try again. Until it is back, tillflow break-glass on the machine of the hub lets an administrator in.',
  ],
  'break-glass-code-invalid': [
    401,
    'The code lets nobody in.',
    'Make a new one on the machine of the hub, tillflow break-glass: a code works once, for 15 minutes.',
  ],
} as const
