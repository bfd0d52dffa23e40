import type { Operations } from '../gateway/server.js'
import type { CurrentLoad } from '../observe/current-load.js'
import type { Html } from '../report/html.js'
import { denialsPage } from './denials-page.js'
import { overviewPage } from './overview-page.js'
import { reloadsPage } from './reloads-page.js'
import { routesPage } from './routes-page.js'
import { tryPage } from './try-page.js'
import { upstreamsPage } from './upstreams-page.js'

export interface Page {
  readonly path: string
  render(operations: Operations, query: URLSearchParams, load: CurrentLoad): Html
}

/** The console, in the order of its navigation. */
export const PAGES: readonly Page[] = [
  { path: '/', render: overviewPage },
  { path: '/denials', render: denialsPage },
  { path: '/routes', render: routesPage },
  { path: '/upstreams', render: upstreamsPage },
  { path: '/reloads', render: reloadsPage },
  { path: '/try', render: tryPage },
]
