import { readFileSync } from 'node:fs'
import t from 'tap'
import { DEFAULT_PORTS, movePorts, portsFrom } from '../../demo/ports.js'

t.test('another base keeps the distances', async t => {
  t.same(portsFrom(18080), {
    gateway: 18080,
    admin: 18089,
    api: 18081,
    allowedPage: 18090,
    foreignPage: 18091,
  })
  t.same(portsFrom(8080), DEFAULT_PORTS)
})

t.test('moves the ports of the shipped policy, and only those', async t => {
  const shipped = readFileSync('config/policy.yaml', 'utf8')
  t.equal(movePorts(shipped, DEFAULT_PORTS), shipped)
  const moved = movePorts(shipped, { gateway: 1, admin: 5, api: 2, allowedPage: 3, foreignPage: 4 })
  t.match(moved, 'url: http://127.0.0.1:2\n', 'the upstream')
  t.match(moved, 'origin: http://127.0.0.1:3,', 'the allowed page')
  t.notMatch(moved, /:80[89]\d\b/, 'no default port is left')
})

t.test('a new port that is another server’s default is not moved twice', async t => {
  const ports = { gateway: 8081, admin: 8089, api: 8090, allowedPage: 8091, foreignPage: 8080 }
  t.equal(movePorts('127.0.0.1:8080 127.0.0.1:8081', ports), '127.0.0.1:8081 127.0.0.1:8090')
})

t.test('leaves other hosts and longer numbers alone', async t => {
  const other = 'http://127.0.0.1:80801 http://127.0.0.10:8080 http://orders.internal:8080'
  t.equal(movePorts(other, portsFrom(9000)), other)
})
