import type { IncomingMessage, ServerResponse } from 'node:http'
import { cutAnswer } from './cut-answer.js'

/** Ends an answer that a fault of ours has stopped: a bare 500, which allows nobody anything, or a cut of what has begun. */
export function answerFault(request: IncomingMessage, response: ServerResponse): void {
  if (response.headersSent) cutAnswer(request, response)
  else response.writeHead(500, BARE).end()
}

const BARE = ['Connection', 'close', 'Content-Length', '0', 'Cache-Control', 'no-store']
