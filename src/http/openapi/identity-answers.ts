/** Bodies of the answers on tills and machines. */
export interface IdentityAnswers {
  enrolled: EnrolledTill
  invitation: TillInvitation
  tills: TillList
  machines: MachineList
  revoked: RevokedClient
}

/** What a till needs to ask for tokens. */
export interface EnrolledTill {
  clientId: string
  /** The till that it is now: its receipts name this store and workstation. */
  businessUnitId: string
  workstationId: string
  issuer: string
  tokenEndpoint: string
  /** `aud` of its tokens, and the address that its proofs are made for. */
  audience: string
}

export interface TillInvitation {
  businessUnitId: string
  workstationId: string
  /** Shown here and never again. */
  code: string
  expiresAt: Date
}

export interface TillView {
  clientId: string
  businessUnitId: string
  workstationId: string
  /** RFC 7638. */
  keyThumbprint: string
  enrolledAt: Date
  revokedAt?: Date
}

export interface TillList {
  tills: TillView[]
  /** `before` of the next page; absent on the last. */
  next?: string
}

export interface MachineView {
  clientId: string
  name: string
  scopes: string[]
  /** Absent: every store. */
  stores?: string[]
  /** What its tokens are bound to: nothing, a key, a client certificate. */
  binding: 'bearer' | 'dpop' | 'mtls'
  addedAt: Date
  revokedAt?: Date
}

export interface MachineList {
  machines: MachineView[]
  /** `before` of the next page; absent on the last. */
  next?: string
}

export interface RevokedClient {
  clientId: string
  revokedAt: Date
}
