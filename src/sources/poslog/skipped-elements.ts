/**
 * Elements that are passed over while the document is read: personal data, card data and printed text never reach a
 * transaction, and nothing has to remember to leave them out. Canonical names, with the prefix of their vendor.
 */
export const skippedElements: ReadonlySet<string> = new Set([
  // people
  'Name',
  'FullName',
  'FirstName',
  'LastName',
  'Address',
  'Telephone',
  'TelephoneNumber',
  'EMail',
  'Email',
  'BirthDate',
  'Birthdate',
  'PersonalIdentification',
  'NationalID',
  'TaxID',
  'Signature',
  'acs:AgeRestriction',
  'acs:CRMCustomVariable',
  'acs:ElectronicSignature',
  'se:Customer',
  'se:Receiver',
  // cards
  'Track1',
  'Track2',
  'Track3',
  'TrackData',
  'ExpirationDate',
  'CardSecurityCode',
  'EncryptedPIN',
  'PINBlock',
  'se:PaymentTerminal',
  // printed text and figures about the till itself
  'Receipt',
  'ReceiptText',
  'ReceiptImage',
  'HeaderText',
  'TrailerText',
  'PerformanceMetrics',
  'acs:PerformanceMetrics',
  'acs:RewardBasis',
  'acs:Itemizers',
  'se:HeaderText',
])
