/** What a server grants by CORS headers of its own, added up over its answers. */
export interface UpstreamGrants {
  /** Its Access-Control-Allow-Origin as it came, `*` among them: whose pages a browser lets read. */
  readonly allowedOrigins: ReadonlySet<string>
  /** Its Access-Control-Allow-Origin wherever it granted credentials as well. */
  readonly credentialsTo: ReadonlySet<string>
  /** Header names in lower case, `*` among them. */
  readonly exposed: ReadonlySet<string>
}
