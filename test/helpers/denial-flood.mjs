// A process of its own, so that its work does not slow down the clients that are measured beside it.
//   denial-flood.mjs PORT CONNECTIONS DEPTH ORIGINS
// Told 'start', each connection asks with DEPTH requests at a time, from ever another of ORIGINS origins, the next when
// those are answered; told 'stop', it lets them end and tells how many were answered with 403 in all, and otherwise.
import { connect } from 'node:net'

const [port, connections, depth, origins] = process.argv.slice(2).map(Number)
let flooding = false
let [next, denied, other, busy] = [0, 0, 0, 0]

const clients = Array.from({ length: connections }, () => {
  const socket = connect(port, '127.0.0.1')
  socket.setNoDelay(true)
  socket.on('error', () => process.exit(1))
  let open = 0
  let rest = ''
  const ask = () => {
    let bytes = ''
    for (; open < depth; open++) {
      bytes += `GET /orders/1 HTTP/1.1\r\nHost: api.example\r\nOrigin: https://o${next++ % origins}.example\r\n\r\n`
    }
    socket.write(bytes, 'latin1')
  }
  socket.on('data', chunk => {
    rest += chunk.toString('latin1')
    for (const [, status] of rest.matchAll(/HTTP\/1\.1 (\d{3}) /g)) {
      if (status === '403') denied++
      else other++
      open--
    }
    // Keeps what may be the beginning of a status line.
    rest = rest.slice(Math.max(rest.lastIndexOf('HTTP/1.1 ') + 13, rest.length - 12))
    if (open > 0) return
    if (flooding) ask()
    else if (--busy === 0) process.send({ denied, other })
  })
  return { ask }
})

process.on('message', told => {
  flooding = told === 'start'
  if (!flooding) return
  busy = clients.length
  for (const { ask } of clients) ask()
})
process.on('disconnect', () => process.exit())
