/** The longest that browsers keep a preflight's answer, whatever its Access-Control-Max-Age, in seconds. */
export const MAX_AGE_CAPS = { Safari: 600, Chromium: 7200, Firefox: 86_400 } as const
