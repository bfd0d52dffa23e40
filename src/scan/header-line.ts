/** A header line: name as sent or received, and value. */
export type HeaderLine = readonly [name: string, value: string]
