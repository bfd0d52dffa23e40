/**
 * The console's whole script. Every page works without it; with it, what is marked `data-live` is replaced by the
 * server's newer rendering whenever the event stream says that something happened.
 */
export const SCRIPT = `'use strict'
{
  const state = document.getElementById('live')
  const say = text => { if (state) state.textContent = text }
  let busy = false
  let again = false

  async function refresh() {
    if (busy) { again = true; return }
    busy = true
    try {
      const response = await fetch(location.href)
      const page = new DOMParser().parseFromString(await response.text(), 'text/html')
      for (const fresh of page.querySelectorAll('[data-live]')) {
        const old = document.getElementById(fresh.id)
        if (!old || old.innerHTML === fresh.innerHTML) continue
        const open = new Set(Array.from(old.querySelectorAll('details[open]'), found => found.id))
        const focused = document.activeElement && old.contains(document.activeElement) ? document.activeElement.id : ''
        old.replaceWith(fresh)
        for (const found of fresh.querySelectorAll('details')) if (open.has(found.id)) found.open = true
        if (focused) document.getElementById(focused)?.focus()
      }
      document.title = page.title
    } catch { say('offline') }
    busy = false
    if (again) { again = false; refresh() }
  }

  let events
  let retry
  function listen() {
    events = new EventSource('/events')
    events.addEventListener('open', () => { say('live'); refresh() })
    events.addEventListener('error', () => {
      say('reconnecting')
      if (events.readyState !== EventSource.CLOSED) return
      // It was refused, as by a listener that has enough streams, and gives up for good.
      say('every 15 s')
      retry = setTimeout(() => { refresh(); listen() }, 15000)
    })
    events.addEventListener('changed', refresh)
  }
  listen()
  addEventListener('pagehide', () => { clearTimeout(retry); events.close() })
}
`
