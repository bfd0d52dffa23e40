import { withOrigins, withRuleOf } from '../marked-policy.js'
import type { RefusalCase } from './refusal-case.js'

export const methodsAndHeaders: readonly RefusalCase[] = [
  {
    title: 'a list of methods in one entry',
    code: 'method-token',
    policy: withRuleOf('allowMethods: [«"GET,POST"»]'),
  },
  {
    title: 'a method that Fetch forbids',
    code: 'method-forbidden',
    policy: withRuleOf('allowMethods: [GET, «TRACE»]'),
  },
  {
    title: 'a method that Fetch forbids in any case',
    code: 'method-forbidden',
    policy: withRuleOf('allowMethods: [«connect»]'),
  },
  {
    title: 'a method in lower case',
    code: 'method-case',
    policy: withRuleOf('allowMethods: [GET, «patch»]'),
    replacement: 'PATCH',
  },
  {
    title: 'a method that no request can have',
    code: 'method-unreceivable',
    policy: withRuleOf('allowMethods: [«GETAWAY»]'),
  },
  {
    title: '* beside a method',
    code: 'any-method-not-alone',
    policy: withRuleOf('allowMethods: [GET, «"*"»]'),
  },
  {
    title: '* as a method with credentials',
    code: 'any-method-with-credentials',
    policy: withRuleOf('allowMethods: [«"*"»]\nallowCredentials: true'),
  },
  {
    title: 'a header name with a space',
    code: 'header-token',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [x-a, «x b»]'),
  },
  {
    title: 'a header that no script can set',
    code: 'header-forbidden',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [«Cookie»]'),
  },
  {
    title: 'a header of the sec- family',
    code: 'header-forbidden',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [«Sec-Foo»]'),
  },
  {
    title: 'a CORS header as a request header',
    code: 'header-cors-response',
    policy: withRuleOf('allowMethods: [GET]\nallowHeaders: [«Access-Control-Allow-Origin»]'),
  },
  {
    title: '* as a header with credentials',
    code: 'any-header-with-credentials',
    policy: withRuleOf('allowMethods: [GET]\nallowCredentials: true\nallowHeaders: [x-a, «"*"»]'),
  },
  {
    title: 'cookies exposed',
    code: 'expose-forbidden',
    policy: withRuleOf('allowMethods: [GET]\nexposeHeaders: [«Set-Cookie»]'),
  },
  {
    title: 'Origin exposed',
    code: 'expose-cors-header',
    policy: withRuleOf('allowMethods: [GET]\nexposeHeaders: [«Origin»]'),
  },
  {
    title: '* exposed with credentials',
    code: 'any-expose-with-credentials',
    policy: withRuleOf('allowMethods: [GET]\nallowCredentials: true\nexposeHeaders: [«"*"»]'),
  },
  {
    title: 'an age of more than a day',
    code: 'max-age-range',
    policy: withOrigins('https://a.example', 'maxAge: «25h»'),
  },
  {
    title: 'a negative age',
    code: 'max-age-range',
    policy: withOrigins('https://a.example', 'maxAge: «-2»'),
  },
  {
    title: 'an age in half seconds',
    code: 'max-age-range',
    policy: withOrigins('https://a.example', 'maxAge: «0.5»'),
  },
  {
    title: 'an age in milliseconds',
    code: 'max-age-format',
    policy: withOrigins('https://a.example', 'maxAge: «500ms»'),
  },
  {
    title: 'an age in days',
    code: 'max-age-format',
    policy: withOrigins('https://a.example', 'maxAge: «1d»'),
  },
]
