export interface SampleRequest {
  readonly method: string
  readonly resource: string
  readonly id: string | undefined
  /** Who the session cookie says is signed in. */
  readonly user: string | undefined
  readonly body: unknown
}

export interface SampleAnswer {
  readonly status: number
  readonly body?: unknown
}

/** What the sample API knows, and the little that can be done with it. Held in memory, new with every start. */
export class SampleData {
  readonly #orders = new Map<string, Item[]>([
    [
      'alice',
      [
        { id: '1', item: 'Oolong, spring harvest', total: '18.00' },
        { id: '2', item: 'Cast-iron teapot', total: '64.00' },
        { id: '3', item: 'Jasmine pearls', total: '22.50' },
      ],
    ],
  ])
  readonly #stock: Item[] = [
    { id: 'oolong', count: 12 },
    { id: 'sencha', count: 40 },
    { id: 'jasmine', count: 7 },
  ]

  #nextId = 4

  answer(request: SampleRequest): SampleAnswer {
    const { resource, user } = request
    if (resource === 'catalog') return readOnly(request, CATALOG)
    if (resource === 'prices') return readOnly(request, PRICES)
    if (resource === 'stock') return this.#change(request, this.#stock, items => ({ items }))

    if (resource !== 'orders' && resource !== 'profile') return { status: 404, body: { error: 'not found' } }
    if (user === undefined) return { status: 401, body: { error: 'sign in first: POST /login' } }
    if (resource === 'profile') return readOnly(request, { user, address: '4 Harbour Lane' })
    const orders = this.#orders.get(user) ?? []
    this.#orders.set(user, orders)
    return this.#change(request, orders, orders => ({ user, orders }))
  }

  /** GET, POST, PUT and DELETE on a list of items; `present` wraps the whole list for GET. */
  #change(request: SampleRequest, items: Item[], present: (items: Item[]) => unknown): SampleAnswer {
    const { method, id } = request
    if (id === undefined) {
      if (method !== 'POST') return readOnly(request, present(items))
      if (items.length >= MAX_ITEMS) return { status: 409, body: { error: 'the sample is full' } }
      const item = { ...fields(request.body), id: String(this.#nextId++) }
      items.push(item)
      return { status: 201, body: item }
    }
    const index = items.findIndex(item => item.id === id)
    const known = items[index]
    if (known === undefined) return { status: 404, body: { error: 'not found' } }
    if (method === 'DELETE') {
      items.splice(index, 1)
      return { status: 204 }
    }
    if (method !== 'PUT') return readOnly(request, known)
    const item = { ...known, ...fields(request.body), id }
    items[index] = item
    return { status: 200, body: item }
  }
}

interface Item {
  readonly id: string
  readonly [field: string]: unknown
}

function readOnly({ method }: SampleRequest, body: unknown): SampleAnswer {
  return method === 'GET' || method === 'HEAD' ? { status: 200, body } : NOT_ALLOWED
}

function fields(body: unknown): object {
  return typeof body === 'object' && body !== null ? body : {}
}

const NOT_ALLOWED: SampleAnswer = { status: 405, body: { error: 'method not allowed' } }
const MAX_ITEMS = 100
const CATALOG = { items: ['Oolong', 'Sencha', 'Jasmine pearls', 'Cast-iron teapot'] }
const PRICES = { currency: 'EUR', oolong: '18.00', sencha: '14.00', jasmine: '22.50' }
