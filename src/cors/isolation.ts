import type { CorsRequest } from './classify.js'
import type { Reason } from './reason.js'

/**
 * The resource isolation policy (https://web.dev/articles/fetch-metadata): what another site's page loads without
 * asking to read it (an image, a script, a form's POST) carries the user's cookies and no Origin or a denied one. Only
 * following a link, or a frame that does, is a plain part of the web. Browsers that send no Sec-Fetch-Site, and
 * clients that are none, pass: this guards users and not the door.
 *
 * @returns why the request is refused; undefined where it is not.
 */
export function isolationFault(request: CorsRequest): Reason | undefined {
  if (request.secFetchSite !== 'cross-site') return undefined
  if (request.secFetchMode !== 'navigate') return 'cross-site-load'
  const plain = request.method === 'GET' || request.method === 'HEAD'
  // `object` and `embed` say navigate too, and hand their content to the page's plug-ins.
  const embedded = request.secFetchDest === 'object' || request.secFetchDest === 'embed'
  return plain && !embedded ? undefined : 'cross-site-navigation'
}

/** What a route's answers depend on besides Origin, where it isolates. */
export const VARY_FETCH_METADATA: readonly string[] = ['Sec-Fetch-Site', 'Sec-Fetch-Mode', 'Sec-Fetch-Dest']
