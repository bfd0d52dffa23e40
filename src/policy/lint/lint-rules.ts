import { addressOrigin } from './address-origin.js'
import { allowOptions } from './allow-options.js'
import { attackAdmitted } from './attack-admitted.js'
import { attackSharedSuffix } from './attack-shared-suffix.js'
import { credentialsManyOrigins } from './credentials-many-origins.js'
import { dangerousSwitch } from './dangerous-switch.js'
import { entryExpired } from './entry-expired.js'
import { entryExpiresSoon } from './entry-expires-soon.js'
import { exposeAny } from './expose-any.js'
import { httpOrigin } from './http-origin.js'
import type { LintRule } from './lint-rule.js'
import { loopbackOrigin } from './loopback-origin.js'
import { maxAgeOverCap } from './max-age-over-cap.js'
import { originTwice } from './origin-twice.js'
import { pathOneSegment } from './path-one-segment.js'
import { pathPlaceholder } from './path-placeholder.js'
import { pathRootOnly } from './path-root-only.js'
import { preserveHostAny } from './preserve-host-any.js'
import { reportMode } from './report-mode.js'
import { reportWebsocket } from './report-websocket.js'
import { routeUnreachable } from './route-unreachable.js'
import { ruleShadowed } from './rule-shadowed.js'
import { setUnused } from './set-unused.js'
import { sharedHost } from './shared-host.js'
import { upstreamUnused } from './upstream-unused.js'
import { wildcardAboveSharedSuffix } from './wildcard-above-shared-suffix.js'
import { wildcardWithCredentials } from './wildcard-with-credentials.js'

/** Every lint rule. A new one is a file, a line here, a row in docs/lint.md and two examples. */
export const LINT_RULES: readonly LintRule[] = [
  addressOrigin,
  allowOptions,
  attackAdmitted,
  attackSharedSuffix,
  credentialsManyOrigins,
  dangerousSwitch,
  entryExpired,
  entryExpiresSoon,
  exposeAny,
  httpOrigin,
  loopbackOrigin,
  maxAgeOverCap,
  originTwice,
  pathOneSegment,
  pathPlaceholder,
  pathRootOnly,
  preserveHostAny,
  reportMode,
  reportWebsocket,
  routeUnreachable,
  ruleShadowed,
  setUnused,
  sharedHost,
  upstreamUnused,
  wildcardAboveSharedSuffix,
  wildcardWithCredentials,
]
