/**
 * The namespace of what Tillflow adds to POSLog, and the attribute that says that a Transaction is written by these rules. Its
 * reader reads every figure from its one place; nothing is concluded from other figures.
 */
export const dialectNamespace = 'urn:tillflow:poslog:1'
export const dialectPrefix = 'tillflow'
export const dialectMark = `${dialectPrefix}:Dialect`
export const dialectVersion = '1'
