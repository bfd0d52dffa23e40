// The same script on both pages. Each kind of fetch goes through the gateway and straight to the API; the page then
// says what it could read, and whether that is right.

const { role, gateway, direct } = document.documentElement.dataset
const foreign = role === 'foreign'
const bases = { gateway, direct }

const kinds = {
  simple: {
    send: base => fetch(`${base}/stock`, { cache: 'no-store', credentials: 'omit' }),
    read: ({ items }) => `the stock of ${items.length} teas`,
    leaked: 'read the stock',
    kept: 'the stock stays in the house.',
    flaw: 'the API says “*” here.',
    proof: ({ items }) => items.map(({ id, count }) => `${id} ${count}`),
  },
  preflighted: {
    send: base =>
      fetch(`${base}/stock/oolong`, {
        method: 'PUT',
        headers: { 'Content-Type': 'application/json', 'X-Request-Id': crypto.randomUUID() },
        body: JSON.stringify({ count: foreign ? 0 : 12 }),
        cache: 'no-store',
        credentials: 'omit',
      }),
    read: ({ id, count }) => `${id} is now ${count}`,
    leaked: 'changed the stock',
    kept: 'it asked first, and the change was never sent.',
    flaw: 'the API says yes to every preflight.',
    proof: ({ id, count }) => [`${id} is now ${count}`],
  },
  credentialed: {
    send: base => fetch(`${base}/orders`, { cache: 'no-store', credentials: 'include' }),
    read: ({ orders }) => `${orders.length} orders of Alice`,
    leaked: 'read Alice’s orders',
    kept: 'Alice’s orders stay hers.',
    flaw: 'the API repeats any origin, with credentials.',
    proof: ({ orders }) => orders.map(({ item }) => item),
  },
}

const inShort = document.getElementById('in-short')
let running = false

history.replaceState(null, '', '/') // without the mark that signing in left
document.getElementById('again').addEventListener('click', run)
await run()

async function run() {
  if (running) return
  running = true
  delete document.documentElement.dataset.done
  inShort.textContent = 'Fetching…'
  try {
    await fetchAll()
  } catch {
    inShort.textContent = 'The demo itself does not answer: start it again with npm start.'
  }
  document.documentElement.dataset.done = 'true'
  running = false
}

async function fetchAll() {
  for (const kind of Object.keys(kinds)) for (const via of ['gateway', 'direct']) wait(cell(kind, via))

  // One after the other, the gateway's first: the API's counts before and after say what reached it.
  const before = await facts()
  const throughGateway = []
  for (const kind of Object.keys(kinds)) throughGateway.push(await attempt(kind, 'gateway', before))
  const after = await facts()
  const straight = []
  for (const kind of Object.keys(kinds)) straight.push(await attempt(kind, 'direct', after))

  const reached = difference(before.received, after.received)
  Object.assign(inShort.dataset, reached)
  inShort.textContent = summary(throughGateway, straight, reached)
}

/** Fetches, shows the outcome in its cell and returns the verdict. */
async function attempt(kind, via, { reachable }) {
  const outcome = await outcomeOf(kind, via, reachable[via])
  show(cell(kind, via), { ...outcome, ...judge(kind, via, outcome) })
  return outcome.verdict
}

async function outcomeOf(kind, via, reachable) {
  if (!reachable) return { verdict: 'unreachable' }
  try {
    const response = await kinds[kind].send(bases[via])
    const body = await response.json().catch(() => ({})) // an error's body may be anything
    return { verdict: 'read', status: response.status, ok: response.ok, body }
  } catch (error) {
    return { verdict: 'blocked', error: String(error) }
  }
}

/** The words and the colour for an outcome: who could do what, and whether that is right. */
function judge(kind, via, { verdict, ok, status, body }) {
  const { read, leaked, kept, flaw, proof } = kinds[kind]
  const policySays = `the policy ${foreign ? 'does not list' : 'lists'} this page.`
  if (verdict === 'unreachable') {
    return { tone: 'unknown', headline: 'No answer', reason: `Nothing listens on ${bases[via]}.` }
  }
  if (verdict === 'blocked') {
    const headline = 'Blocked by the browser'
    if (foreign) return { tone: 'good', headline, reason: `Right: ${kept}` }
    if (via === 'gateway') return { tone: 'bad', headline, reason: `Wrong: ${policySays}` }
    return { tone: 'unknown', headline, reason: 'The API did not let this page read.' }
  }
  if (!ok) {
    const headline = `Read an error: ${status} ${body.title ?? body.error ?? ''}`
    return { tone: foreign ? 'bad' : 'unknown', headline, reason: 'The page could read that much.' }
  }
  if (foreign) {
    const reason = `Wrong: ${via === 'gateway' ? policySays : flaw}`
    return { tone: 'bad', headline: `LEAKED: this foreign page ${leaked}`, reason, details: proof(body) }
  }
  const headline = `Read: ${read(body)}`
  if (via === 'gateway') return { tone: 'good', headline, reason: `Right: ${policySays}` }
  return { tone: 'neutral', headline, reason: `This page may, but so may any: ${flaw}` }
}

function summary(throughGateway, straight, { requests, preflights }) {
  const readable = verdicts => verdicts.filter(verdict => verdict === 'read').length || 'none'
  return [
    `This page read ${readable(straight)} of 3 answers straight from the API, and ${readable(throughGateway)} of 3 through Crossgate.`,
    `Crossgate passed on ${requests || 'none'} of this page’s requests to the API, and ${preflights || 'no'} preflight.`,
  ].join(' ')
}

/** What reached the API between two readings of its counts. */
function difference(before, after) {
  const preflights = (after.byMethod.OPTIONS ?? 0) - (before.byMethod.OPTIONS ?? 0)
  return { preflights, requests: after.total - before.total - preflights }
}

async function facts() {
  const response = await fetch('/facts', { cache: 'no-store' })
  return response.json()
}

function cell(kind, via) {
  return document.querySelector(`[data-fetch="${kind}"][data-via="${via}"]`)
}

function wait(cell) {
  delete cell.dataset.verdict
  delete cell.dataset.status
  cell.dataset.tone = 'pending'
  cell.replaceChildren(element('p', 'headline', 'Asking…'))
}

function show(cell, { verdict, status, tone, headline, reason, details = [] }) {
  cell.dataset.verdict = verdict
  cell.dataset.tone = tone
  if (status !== undefined) cell.dataset.status = String(status)
  const parts = [element('p', 'headline', headline), element('p', 'reason', reason)]
  if (details.length > 0) parts.push(element('p', 'proof', details.join('\n')))
  cell.replaceChildren(...parts)
}

function element(name, className, text) {
  const made = document.createElement(name)
  made.className = className
  made.textContent = text
  return made
}
