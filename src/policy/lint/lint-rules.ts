import { addressOrigin } from './address-origin.js'
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
import { reportMode } from './report-mode.js'
import { routeUnreachable } from './route-unreachable.js'
import { ruleShadowed } from './rule-shadowed.js'
import { setUnused } from './set-unused.js'
import { upstreamUnused } from './upstream-unused.js'
import { wildcardAboveSharedSuffix } from './wildcard-above-shared-suffix.js'
import { wildcardWithCredentials } from './wildcard-with-credentials.js'

/** Every lint rule. A new one is a file, a line here, a row in docs/lint.md and two examples. */
export const LINT_RULES: readonly LintRule[] = [
  addressOrigin,
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
  reportMode,
  routeUnreachable,
  ruleShadowed,
  setUnused,
  upstreamUnused,
  wildcardAboveSharedSuffix,
  wildcardWithCredentials,
]
