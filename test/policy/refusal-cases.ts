import { methodsAndHeaders } from './refusals/methods-and-headers.js'
import { origins } from './refusals/origins.js'
import type { RefusalCase } from './refusals/refusal-case.js'
import { routes } from './refusals/routes.js'
import { shape } from './refusals/shape.js'
import { upstreams } from './refusals/upstreams.js'
import { yaml } from './refusals/yaml.js'

/** Every kind of policy that must not load. */
export const REFUSALS: readonly RefusalCase[] = [
  ...yaml,
  ...shape,
  ...origins,
  ...methodsAndHeaders,
  ...routes,
  ...upstreams,
]
