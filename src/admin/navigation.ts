/** The pages of the console, in the order of its navigation. */
export const NAVIGATION = {
  overview: { path: '/', title: 'Overview' },
  denials: { path: '/denials', title: 'Denials' },
  routes: { path: '/routes', title: 'Routes' },
  upstreams: { path: '/upstreams', title: 'Upstreams' },
  reloads: { path: '/reloads', title: 'Reloads' },
  try: { path: '/try', title: 'Try it' },
} as const satisfies Record<string, { readonly path: string; readonly title: string }>

export type PageName = keyof typeof NAVIGATION
