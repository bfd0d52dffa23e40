import type { Operations } from '../gateway/server.js'
import type { CurrentLoad } from '../observe/metrics/current-load.js'
import type { Html } from '../report/html.js'
import { denialsPage } from './denials-page.js'
import { NAVIGATION, type PageName } from './navigation.js'
import { overviewPage } from './overview-page.js'
import { reloadsPage } from './reloads-page.js'
import { routesPage } from './routes-page.js'
import { tryPage } from './try-page.js'
import { upstreamsPage } from './upstreams-page.js'

type Render = (operations: Operations, query: URLSearchParams, load: CurrentLoad) => Html | Promise<Html>

/** What writes the page at a path of the console; undefined where there is none. */
export function pageAt(path: string): Render | undefined {
  return PAGES.get(path)
}

const RENDER: Readonly<Record<PageName, Render>> = {
  overview: overviewPage,
  denials: denialsPage,
  routes: routesPage,
  upstreams: upstreamsPage,
  reloads: reloadsPage,
  try: tryPage,
}

const PAGES: ReadonlyMap<string, Render> = new Map(
  Object.entries(NAVIGATION).map(([name, { path }]) => [path, RENDER[name as PageName]]),
)
