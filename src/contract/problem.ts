import { signInProblemCodes } from './sign-in-problems.ts'

/**
 * Every error that leaves the house has a code from this list: RFC 9457 problem details over HTTP, the same code on the
 * command line and in quarantine. A value that a client sent is never echoed.
 */
export const problemCodes = {
  // the shape of a request
  'json-malformed': [400, 'The body is not JSON.', 'Send one JSON document in UTF-8.'],
  'json-too-deep': [400, 'The JSON is nested deeper than 32 levels.', 'Flatten the document.'],
  'duplicate-key': [400, 'An object has the same key twice.', 'Send every key once.'],
  'forbidden-key': [400, 'A key is not allowed in any document.', 'Remove __proto__, constructor and prototype keys.'],
  'number-out-of-range': [400, 'A number cannot be represented exactly.', 'Send amounts as decimal strings.'],
  'invalid-encoding': [400, 'The body is not valid UTF-8.', 'Encode the body as UTF-8 without a UTF-16 mark.'],
  'payload-too-large': [413, 'The body is larger than this endpoint takes.', 'Send smaller batches.'],
  'decompressed-too-large': [413, 'The decompressed body is larger than allowed.', 'Send smaller batches.'],
  'unsupported-media-type': [
    415,
    'The content type or encoding is not supported here.',
    'See the API reference for the types this endpoint takes.',
  ],
  'batch-empty': [400, 'The batch has no lines.', 'Send at least one line.'],
  'batch-too-large': [413, 'The batch has more lines than allowed.', 'Send at most 10,000 lines in one request.'],
  'xml-malformed': [
    400,
    'The XML is not well-formed or not the expected document.',
    'Send a whole, well-formed POSLog or Digital Receipt document.',
  ],
  'xml-doctype-forbidden': [400, 'The XML has a DOCTYPE.', 'Remove the DOCTYPE; entities are not read.'],
  'xml-too-complex': [400, 'The XML has more depth, attributes or text than allowed.', 'Split the document.'],
  'unknown-source': [404, 'No source has this name.', 'tillflow read --help lists the sources.'],
  'unknown-account': [404, 'The source has no account of this name.', 'Add it to sourceAccounts in the settings.'],
  'request-malformed': [400, 'The request is not valid HTTP.', 'Check the client or the proxy in between.'],
  'headers-too-large': [431, 'The headers are too large.', 'Send at most 16 KiB of headers, and 100 of them.'],
  'url-too-long': [414, 'The address is too long.', 'Send at most 8 KiB; content belongs into the body.'],
  'host-unknown': [
    421,
    'The hub is not known by this name.',
    'Use a name of the setting httpHosts, or add this one there; see what the proxy in between sends as Host.',
  ],
  'not-found': [404, 'There is nothing here.', 'Check the address.'],
  'invalid-page': [
    400,
    'The page that was asked for does not exist.',
    'Use limit 1 to 200, and the next of the page before.',
  ],
  'method-not-allowed': [405, 'This address does not take this method.', 'See the API reference.'],
  'request-timeout': [408, 'The request did not arrive in time.', 'Send it again on a better line.'],
  // the content of a transaction: kept in quarantine
  'schema-violation': [
    422,
    'The document does not have the shape of a transaction.',
    'Compare it with the JSON Schema of the transaction.',
  ],
  'money-not-decimal-string': [422, 'An amount is not a decimal string.', 'Send amounts as strings such as "19.99".'],
  'currency-scale': [422, 'An amount has more decimals than its currency.', 'Round to the exponent of the currency.'],
  'amount-out-of-range': [422, 'An amount or number is too large.', 'Check the unit of the amount.'],
  'unknown-currency': [
    422,
    'The currency is not a current ISO 4217 code.',
    'Use an active alphabetic code in upper case.',
  ],
  'invalid-quantity': [422, 'A quantity is not usable.', 'Send a decimal string other than zero.'],
  'invalid-timestamp': [422, 'A date or time does not exist.', 'Send RFC 3339 times of the calendar.'],
  'invalid-character': [422, 'A text has a character that cannot be stored.', 'Remove U+0000.'],
  'invalid-identifier': [
    422,
    'A store, workstation or till identifier is missing or has a character that is not allowed.',
    'Use letters, digits, dot, underscore and hyphen, at most 64.',
  ],
  'read-only-field': [422, 'A field is set by the hub and cannot be sent.', 'Remove the field.'],
  'sensitive-authentication-data': [
    422,
    'The document carries track, CVV or PIN data.',
    'Stop the till from sending it: it must never be stored after authorisation.',
  ],
  'transaction-conflict': [
    409,
    'This till number was recorded with other content.',
    'Both are kept. Compare them with tillflow show.',
  ],
  'unmapped-location': [
    422,
    'No store of ours is named for the vendor location of this document.',
    'Add the location, or onlineStore, to sourceAccounts in the settings; the document is kept in quarantine.',
  ],
  'privacy-request': [
    422,
    'Somebody asks for personal data or for its erasure.',
    'Answer the request within the time the law gives; the request is kept in quarantine.',
  ],
  'cloud-event-invalid': [
    400,
    'The CloudEvent lacks what the standard demands.',
    'Send specversion 1.0, and id, source and type that are not empty.',
  ],
  'unreadable-content': [
    422,
    'No transaction can be made of the content.',
    'See the detail; it is kept in quarantine.',
  ],
  // who and how much
  unauthorized: [401, 'A valid token is missing.', 'Create one with tillflow token create.'],
  'invalid-token': [
    401,
    'The token is not valid here, or not any more.',
    'Ask the authorization server for a new one; a token that is bound to a key comes with a proof of that key.',
  ],
  'invalid-dpop-proof': [
    401,
    'The DPoP proof of this request is missing or wrong.',
    'Sign a new proof for each request: typ, htm, htu, jti, iat, ath and the nonce of DPoP-Nonce (RFC 9449).',
  ],
  'use-dpop-nonce': [
    401,
    'The DPoP proof needs a newer nonce of this server.',
    'Sign a new proof with the nonce in DPoP-Nonce and send the request again.',
  ],
  'enrolment-code-invalid': [
    401,
    'The code does not enrol this till.',
    'Ask for a new one, tillflow till invite: a code is for one till, works once, for 15 minutes, and ends after five wrong tries.',
  ],
  'webhook-signature-invalid': [
    401,
    'The webhook is not signed by a secret of its account.',
    "Compare the secrets in sourceAccounts with the vendor's; a proxy in between must not change the body.",
  ],
  'webhook-account-unknown': [
    403,
    'The webhook is signed for an account that is not in the settings.',
    'Add the account to sourceAccounts in the settings; the vendor sends again.',
  ],
  'permission-missing': [
    403,
    'The caller may not do this.',
    'Use a token with the scope, or ask for a role that has it.',
  ],
  'unknown-store': [404, 'There is no such store for you.', 'Name a store that you look after.'],
  ...signInProblemCodes,
  'scope-store': [403, 'The token is not for this store.', 'Use a token with this store in its scope.'],
  'quota-exceeded': [
    429,
    'More requests came than one caller may send.',
    'Send again after the time in Retry-After. Send batches, or raise callerRequestsPerSecond.',
  ],
  'temporary-reduced-capacity': [
    503,
    'The hub takes no more at this moment.',
    'Send again after the time in Retry-After.',
  ],
  'storage-unavailable': [
    503,
    'The hub cannot record at this moment.',
    'Nothing was acknowledged. Send again after the time in Retry-After.',
  ],
  'internal-error': [
    500,
    'Something failed inside the hub.',
    'Nothing was acknowledged. Give the traceId to the operator.',
  ],
  // targets
  'target-not-allowed': [
    422,
    'The target address is not allowed.',
    'Use a public https address, or allow private networks for this target.',
  ],
  'target-answer-too-large': [
    502,
    'The target answered more than allowed.',
    'The target must answer in at most 64 KiB.',
  ],
  'settings-invalid': [422, 'A setting is missing or wrong.', 'tillflow settings lists names, units and defaults.'],
  'unknown-target': [404, 'No target has this name.', 'tillflow status lists the targets.'],
  // replays
  'unknown-replay': [404, 'There is no such replay.', 'tillflow replay --status lists them.'],
  'replay-impossible': [
    422,
    'Nothing can be sent again on purpose to this target: it knows a receipt by its own number.',
    'Remove there what is wrong, then replay in mode missing.',
  ],
  'replay-too-large': [
    422,
    'More events match than one replay takes.',
    'Narrow it down, by store or by day: at most 500,000 events.',
  ],
  'replay-unconfirmed': [
    409,
    'Mode again makes a second document of everything that the target has.',
    'Read the plan, then confirm it: --confirm-again, over HTTP {"confirm":"again"}.',
  ],
  'replay-under-way': [
    409,
    'Another replay is under way at this target.',
    'Wait for its end, or abort it. tillflow replay --status lists them.',
  ],
  'replay-expired': [
    409,
    'The plan is older than seven days: too much may have changed since somebody looked at it.',
    'Plan the same again, look at it, and run that.',
  ],
  'replay-state': [409, 'The replay is in a state that does not allow this.', 'See tillflow replay --status.'],
  'request-invalid': [422, 'A field of the request is missing or wrong.', 'See the detail and the API reference.'],
  // test data
  'anonymise-key-too-short': [
    422,
    'The key of the pseudonyms has fewer than 16 characters.',
    'Give a longer one, best a random one in a file: --key-file.',
  ],
  'card-number-misplaced': [
    422,
    'A card number stands in a field that is kept as it is.',
    'Nothing was written. Find out which till sends it, and anonymise the file without that transaction.',
  ],
  'output-is-input': [409, 'The output would overwrite a file that is read.', 'Choose another directory with --out.'],
  // files in a watched folder
  'duplicate-file': [
    409,
    'A file with this content was taken before.',
    'Nothing is missing: its lines were recorded then. Remove it.',
  ],
  'file-name-conflict': [
    409,
    'A file of this name was taken before, with other content.',
    'Compare both. Drop it again under another name, or start the watch with --same-name accept.',
  ],
  'file-name-unsafe': [
    422,
    'The name of the file has characters that do not belong into a name.',
    'Drop it again under a name of letters, digits, dot, underscore and hyphen.',
  ],
  'file-not-plain': [422, 'It is a link, or has a second name elsewhere.', 'Copy the file itself into the folder.'],
  'file-empty': [422, 'The file has no content.', 'Check the export; a transfer may have failed.'],
  'file-too-large': [
    413,
    'The file is larger than the limit.',
    'Split it, or raise the limit: --size-max of the watch, fileBytesMax of the hub.',
  ],
  'file-changed': [
    409,
    'The file was still written to after it was taken.',
    'Write under a name that ends in .part and rename it when it is whole. Drop the whole file again.',
  ],
  'file-quality': [
    422,
    'Too many lines of the file are bad.',
    'See the list of errors. What was good is recorded; send the mended file again, repeats do no harm, or let it go on as it is.',
  ],
  'file-not-held': [409, 'The file is not held.', 'See its state; only a file that is held waits for a decision.'],
  'control-total-mismatch': [
    422,
    'The file is not what its manifest says.',
    'Nothing of it was sent. Transfer file and manifest again.',
  ],
  'folder-in-use': [409, 'Another process watches this folder.', 'Stop it first; two would take the same files.'],
  'folder-unusable': [
    500,
    'The folder cannot be used.',
    'Check that it is there, and that this user may write into it.',
  ],
  // starting
  'hub-not-running': [404, 'No hub runs here.', 'Start one with tillflow start, or set databaseUrl.'],
  'secret-too-weak': [
    422,
    'A secret is short, or one that everybody knows.',
    'Make one with: openssl rand -base64 32. To try the hub out, start it with --evaluation.',
  ],
  'node-too-old': [500, 'This Node.js is older than 24.', 'Install without --omit=optional, or install Node 24.'],
  'data-directory-in-use': [
    500,
    'Another hub runs on this data directory.',
    'Stop it, or choose another directory with TILLFLOW_DATA_DIRECTORY.',
  ],
  'database-unsafe': [
    500,
    'The database may lose acknowledged receipts.',
    'Switch fsync and synchronous_commit on, or start with --evaluation.',
  ],
  'database-version': [500, 'The database is of a version that cannot be used.', 'See the message for the versions.'],
  'database-start-failed': [
    500,
    'The embedded PostgreSQL did not start.',
    'See the message and the log file it names.',
  ],
  'database-migration': [
    500,
    'The database and the migrations of this version do not fit.',
    'Run the version that the database was written with or a later one; applied migrations are never edited.',
  ],
  // making a new room
  'scaffold-refused': [
    422,
    'The connector or source cannot be made.',
    'Run it in the root of a checkout, with a new name such as acme-erp.',
  ],
  // seals
  'audit-file-disagrees': [
    409,
    'The checkpoint file and the database do not agree.',
    'Run tillflow audit verify. Where an older backup was restored on purpose, keep the file and set it aside.',
  ],
  'audit-checkpoint-broken': [500, 'A checkpoint of the audit cannot be read.', 'Run tillflow audit verify.'],
  'audit-no-key': [
    404,
    'Nothing was sealed yet, so there is no key.',
    'The role scheduler seals; see tillflow_audit_seal_failures in the metrics.',
  ],
  'audit-being-sealed': [409, 'The audit is being sealed at this moment.', 'Try again.'],
  // persons
  'unknown-subject': [
    422,
    'This is not the name of a person.',
    'Write customer:ID or loyalty:ID, with the id as the tills send it.',
  ],
  'legal-hold': [
    409,
    'Data of this person must be kept: a legal hold is in force.',
    'tillflow hold list says why. Remove the hold when its reason is gone, then ask again.',
  ],
  'unknown-hold': [404, 'There is no such hold in force.', 'tillflow hold list lists them.'],
  'unknown-erasure': [404, 'There is no such erasure.', 'tillflow erase --status lists them.'],
  'tombstones-missing': [
    500,
    'The file of tombstones names erasures that this database lacks: it was restored from an older copy.',
    'Run tillflow erase --replay-tombstones; until then persons who were erased would be back.',
  ],
  'tombstones-unreadable': [
    500,
    'The file of tombstones has a line that this installation did not write.',
    'Restore the file from a copy, or move it away if it belongs to another installation.',
  ],
  'key-rotation-unfinished': [
    500,
    'The master key is being replaced, and that has not come to its end.',
    'Run tillflow key rotate again with the same two keys.',
  ],
  // people of the hub's own, and tills that ask to come in
  'unknown-person': [404, 'There is no such person here.', 'tillflow people list lists them.'],
  'person-exists': [409, 'Somebody has this name already.', 'tillflow people list lists them.'],
  'password-unfit': [
    422,
    'The password is too easy to guess.',
    'Take 12 characters or more: some words that nobody would put together do.',
  ],
  'invitation-invalid': [
    401,
    'The name or the code is wrong, or the code is over.',
    'Ask for a new one, tillflow people set-password: a code works once, for 24 hours.',
  ],
  'device-code-unknown': [
    404,
    'No till waits with this code.',
    'Read it from the till again. It is good for ten minutes, and for one answer.',
  ],
  'tries-exceeded': [429, 'Too many tries were wrong.', 'Wait a quarter of an hour, then try again.'],
  // what was kept
  'sealed-data-destroyed': [
    410,
    'The data was erased with its key.',
    'It cannot be brought back; the amounts are in the journal.',
  ],
  'sealed-data-unreadable': [
    500,
    'A sealed record does not open.',
    'It was altered or moved, or its key is missing: compare with a backup.',
  ],
} as const satisfies Record<string, readonly [status: number, title: string, advice: string]>

export type ProblemCode = keyof typeof problemCodes

/** An error with a stable code. `detail` must not repeat what a client sent. */
export class Problem extends Error {
  override readonly name = 'Problem'
  readonly code: ProblemCode
  readonly status: number
  readonly title: string
  readonly advice: string

  constructor(code: ProblemCode, detail?: string, options?: ErrorOptions) {
    const [status, title, advice] = problemCodes[code]
    super(detail ?? title, options)
    this.code = code
    this.status = status
    this.title = title
    this.advice = advice
  }
}

export function isProblem(error: unknown): error is Problem {
  return error instanceof Problem
}
