import { relative } from 'node:path'
import type { Demo } from './start-demo.js'

/** What `npm start` says once everything runs: what is where, what to open and three lines to try. */
export function welcome({ gateway, api, allowedPage, foreignPage, policy }: Demo): string {
  const from = (page: { url: string }) => `-H 'Origin: ${page.url}'`
  const announcing =
    "-H 'Access-Control-Request-Method: PUT' -H 'Access-Control-Request-Headers: content-type'"
  return `
Crossgate is running.

  gateway     ${gateway.url}   policy: ${shorten(policy)}
  console     ${gateway.adminUrl}   what it decides and why, live
  sample API  ${api.url}   behind it, misconfigured on purpose

Open these two pages and compare what the browser lets each of them read:

  allowed     ${allowedPage.url}   on the allowlist
  foreign     ${foreignPage.url}   not on it

Or try, in another terminal:

  # an allowed origin: Alice's orders, with the one correct CORS answer
  curl -i -b session=alice ${from(allowedPage)} ${gateway.url}/orders

  # a foreign origin: refused here, the API never hears of it
  curl -i -b session=alice ${from(foreignPage)} ${gateway.url}/orders

  # a preflight: answered by Crossgate from the policy
  curl -i -X OPTIONS ${from(allowedPage)} ${announcing} ${gateway.url}/orders/1

Each refusal is a line of JSON below. Ctrl-C stops everything.

`
}

function shorten(path: string): string {
  const fromHere = relative('', path)
  return fromHere.startsWith('..') ? path : fromHere
}
