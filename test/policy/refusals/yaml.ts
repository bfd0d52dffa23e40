import { withOrigins, withRoute, withRuleOf, withTop, withUpstream } from '../marked-policy.js'
import type { RefusalCase } from './refusal-case.js'

export const yaml: readonly RefusalCase[] = [
  { title: 'an empty file', code: 'file-empty', policy: '' },
  { title: 'a file of comments', code: 'file-empty', policy: '«# nothing yet»\n' },
  { title: 'a document of comments', code: 'file-empty', policy: '«---»\n# nothing yet\n' },
  { title: 'nothing at the root', code: 'file-empty', policy: '«null»\n' },
  { title: 'a list at the root', code: 'root-not-map', policy: '«- version: 1»\n' },
  { title: 'plain text at the root', code: 'root-not-map', policy: '«version 1»\n' },
  { title: 'a file of expectations', code: 'other-file', policy: 'policy: p.yaml\n«tests»: []\n' },
  {
    title: 'a quote that is not closed',
    code: 'yaml-syntax',
    policy: 'version: 1\nupstreams: «"oops»\n',
    replacement: '"oops"',
  },
  {
    title: 'a tab as indentation',
    code: 'yaml-syntax',
    policy: 'version: 1\nroutes:\n«\t»- id: a\n',
    replacement: '  ',
  },
  {
    title: 'a hundred thousand open brackets',
    code: 'yaml-too-deep',
    policy: `version: ${'['.repeat(64)}`.replace(/\[{3}$/, '[«[»[') + '['.repeat(100_000),
  },
  { title: 'a hundred thousand dashes', code: 'yaml-too-deep', policy: '- '.repeat(100_000) },
  { title: 'a hundred thousand keys in one another', code: 'yaml-too-deep', policy: '{a: '.repeat(100_000) },
  { title: 'a directive for YAML 1.1', code: 'yaml-directive', policy: `«%YAML 1.1»\n---\n${withTop('')}` },
  {
    title: 'a second document',
    code: 'yaml-multiple-documents',
    policy: `${withTop('')}«---»\nversion: 1\n`,
  },
  { title: 'a key twice', code: 'yaml-duplicate-key', policy: withRoute('path: /**\n«path»: /a') },
  {
    title: 'an upstream twice',
    code: 'yaml-duplicate-key',
    policy:
      'version: 1\nupstreams:\n  u: { url: http://u }\n  «u»: { url: http://v }\nroutes: [{ id: a, path: /**, upstream: u }]\n',
  },
  { title: 'a key that is a list', code: 'yaml-key', policy: withTop('? «[»a]\n: 1') },
  {
    title: 'an unquoted wildcard',
    code: 'yaml-alias',
    policy: withOrigins('«*.example.com»', ''),
    replacement: '"*.example.com"',
  },
  {
    title: 'an unquoted star',
    code: 'yaml-alias',
    policy: withRuleOf('allowMethods: [«*»]'),
    replacement: '"*"',
  },
  {
    title: 'an alias inside its own anchor',
    code: 'yaml-alias',
    policy: withTop('publicOrigins: &all [«*all»]'),
    replacement: '"*all"',
  },
  {
    title: 'a billion laughs',
    code: 'yaml-alias-expansion',
    policy: `a: &a [${'x, '.repeat(50)}]\n${'bcdefg'.replace(/./g, (name, at: number) => `${name}: &${name} [${`*${'abcdef'[at]}, `.repeat(50)}]\n`)}`,
    also: ['unknown-key', 'missing-key'],
  },
  { title: 'a merge key', code: 'yaml-merge-key', policy: withUpstream('url: http://u\n«<<»: { queue: 1 }') },
  { title: 'a tag', code: 'yaml-tag', policy: withUpstream('url: !!str «http://u»') },
  {
    title: 'a custom tag',
    code: 'yaml-tag',
    policy: withUpstream('url: http://u\ntimeouts: !slow «{ connect: 9s }»'),
  },
]
