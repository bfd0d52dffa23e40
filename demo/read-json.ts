import type { IncomingMessage } from 'node:http'

export type JsonBody =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly status: number; readonly error: string }

/** The request's body as JSON; `undefined` where there is none. */
export async function readJson(request: IncomingMessage): Promise<JsonBody> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length <= MAX_BYTES) chunks.push(chunk) // the rest is read and dropped, so that the answer gets through
  }
  if (length > MAX_BYTES) return { ok: false, status: 413, error: 'body too large' }
  if (length === 0) return { ok: true, value: undefined }
  try {
    return { ok: true, value: JSON.parse(Buffer.concat(chunks).toString('utf8')) }
  } catch {
    return { ok: false, status: 400, error: 'body is not JSON' }
  }
}

const MAX_BYTES = 64 * 1024
