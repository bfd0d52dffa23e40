import t from 'tap'
import { resolvePolicy } from '../../src/policy/resolve/resolve.js'
import { revisionOf } from '../../src/policy/resolved/revision.js'

function revision(...files: readonly { file: string; text: string }[]): string {
  const { policy, problems } = resolvePolicy(files)
  if (policy === undefined) throw new Error(JSON.stringify(problems))
  return revisionOf(policy)
}

const TEXT = `version: 1
upstreams: { u: { url: http://u, queue: 3 }, v: { url: http://v } }
origins:
  s: [https://a.example, { origin: https://b.example, owner: me, expires: 2027-01-31 }]
  r: [https://c.example]
routes:
  - id: a
    path: /a/**
    upstream: u
    cors: [{ allowOrigins: [s, https://d.example], allowMethods: [GET, POST], maxAge: 10m }]
  - { id: b, path: /b, upstream: v }
`
const BASE = revision({ file: 'p.yaml', text: TEXT })

t.test('a revision is a SHA-256 in hex', async t => {
  t.match(BASE, /^[0-9a-f]{64}$/)
  t.equal(revision({ file: 'p.yaml', text: TEXT }), BASE)
})

t.test('what makes no difference', async t => {
  const reordered = `# the same, written otherwise
routes:
  - { upstream: v, path: /b, id: b, cors: [], mode: enforce }
  - id: "a"
    upstream: u
    path: /a/**
    cors:
      - maxAge: 600
        allowMethods: [GET, POST]
        allowOrigins:
          - s
          - https://d.example
        allowCredentials: false
origins:
  r: [https://c.example]
  s:
    - https://a.example
    - { owner: me, expires: 2027-01-31, origin: https://b.example }
upstreams: { v: { url: http://v/, connections: 64, preserveHost: false }, u: { queue: 3, url: http://u:80 } }
version: 1
`
  t.equal(
    revision({ file: 'other.yaml', text: reordered }),
    BASE,
    'order of keys, routes and sets, style, defaults',
  )

  const upstreams = TEXT.split('\n').slice(0, 2).join('\n')
  const rest = TEXT.split('\n').slice(2).join('\n')
  t.equal(revision({ file: 'z.yaml', text: upstreams }, { file: 'a.yaml', text: rest }), BASE, 'files')

  const withTls = TEXT.replace('http://v', 'https://v, tls: { ca: ca.pem, cert: ../c.pem, key: /k.pem }')
  const there = revision({ file: '/etc/crossgate/p.yaml', text: withTls })
  t.equal(revision({ file: 'p.yaml', text: withTls }), there, 'the directory')
  t.not(revision({ file: 'p.yaml', text: withTls.replace('ca.pem', 'ca2.pem') }), there, 'but not the path')
})

t.test('what makes one', async t => {
  const changes: readonly [from: string, to: string][] = [
    ['queue: 3', 'queue: 4'],
    ['queue: 3', 'queue: 3, preserveHost: true'],
    ['http://v', 'https://v'],
    ['https://a.example', 'https://a2.example'],
    ['owner: me', 'owner: you'],
    ['2027-01-31', '2027-02-01'],
    ['https://c.example', 'https://c2.example'],
    ['https://d.example', 'https://d2.example'],
    ['[s, ', '[r, '],
    ['[GET, POST]', '[POST, GET]'],
    ['10m', '11m'],
    ['maxAge', 'allowTiming: true, maxAge'],
    ['maxAge', 'allowCredentials: true, maxAge'],
    ['/a/**', '/a2/**'],
    ['/b, upstream: v', '/b, upstream: u'],
    ['/b, upstream: v', '/b, upstream: v, mode: report'],
    ['/b, upstream: v', '/b, upstream: v, hosts: [h.example]'],
    ['version: 1', 'version: 1\npublicOrigins: [https://g.example]'],
    ['id: b', 'id: b2'],
  ]
  const seen = new Set([BASE])
  for (const [from, to] of changes) {
    const changed = revision({ file: 'p.yaml', text: TEXT.replace(from, to) })
    t.notOk(seen.has(changed), `${from} > ${to}`)
    seen.add(changed)
  }
})
