/** What a caller may do. A route says which of them it takes, any one. */
export const scopes = [
  'transactions:write',
  'admin:read',
  'admin:write',
  'identity:write',
  'privacy:write',
  'audit:read',
] as const

export type Scope = (typeof scopes)[number]

/** Everything but a store's own receipts: a token or a machine has it for every store or not at all. */
export function actsOnEveryStore(scope: Scope): boolean {
  return scope !== 'transactions:write'
}

/** What people are; each is a set of scopes. Nobody who looks after the hub can write receipts. */
export const roles = {
  viewer: ['admin:read'],
  operator: ['admin:read', 'admin:write'],
  integrator: ['admin:read', 'admin:write', 'identity:write'],
  finance: ['admin:read', 'audit:read'],
  admin: ['admin:read', 'admin:write', 'identity:write', 'privacy:write', 'audit:read'],
} as const satisfies Record<string, readonly Scope[]>

export type Role = keyof typeof roles

export function isRole(word: unknown): word is Role {
  return typeof word === 'string' && Object.hasOwn(roles, word)
}
