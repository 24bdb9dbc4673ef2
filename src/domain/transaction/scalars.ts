/** Strings with a meaning. Annotations here become the JSON Schema that every boundary enforces. */

/**
 * A decimal number as text, never a float: up to 15 digits before and 5 after the point.
 * @pattern ^-?(0|[1-9][0-9]{0,14})(\.[0-9]{1,5})?$
 */
export type DecimalString = string

/**
 * A decimal number of zero or more as text.
 * @pattern ^(0|[1-9][0-9]{0,14})(\.[0-9]{1,5})?$
 */
export type UnsignedDecimalString = string

/**
 * ISO 4217 alphabetic code; whether it exists is checked by `currency.ts`.
 * @pattern ^[A-Z]{3}$
 */
export type CurrencyCode = string

/**
 * A business identifier: store, workstation, till, operator.
 * @pattern ^[A-Za-z0-9._-]{1,64}$
 */
export type Identifier = string

/**
 * An identifier that another system gave (item number, receipt number): free form, bounded.
 * @minLength 1
 * @maxLength 128
 */
export type ExternalIdentifier = string

/**
 * Text a person reads.
 * @maxLength 1024
 */
export type Text = string

/**
 * A calendar date without zone, `YYYY-MM-DD`.
 * @pattern ^[0-9]{4}-[0-9]{2}-[0-9]{2}$
 */
export type CalendarDate = string

/**
 * RFC 3339 instant. In a stored transaction it always carries an offset; at the door an offset may be missing and
 * the store's zone decides.
 * @pattern ^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,9})?)?(Z|[+-][0-9]{2}:[0-9]{2})?$
 */
export type Timestamp = string

/**
 * IANA time zone, e.g. `Europe/Berlin`.
 * @minLength 1
 * @maxLength 64
 */
export type TimeZone = string

/**
 * Vendor values that the model has no word for, by the vendor's own name (`acs:DepartmentDescription`).
 * Depth and size are bounded by the body limit of the boundary.
 */
export type Extensions = { [name: string]: unknown }
