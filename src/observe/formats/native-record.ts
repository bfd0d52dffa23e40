/** A record as it is before a format shapes it: the event, with `seq` and `boot`. */
export type NativeRecord = { readonly event: string } & Readonly<Record<string, unknown>>
