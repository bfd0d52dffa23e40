import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'

/**
 * The house (docs/architecture.md): what the files of each folder may import besides their own. An arrow that is not
 * here does not exist; `settings` is src/settings.ts, `packages` is anything from node or npm, which a folder without
 * side effects names one by one.
 */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  syntax: [],
  attack: [],
  cors: ['syntax'],
  http: ['syntax'],
  'setting-values': ['syntax', 'packages'],
  'protection-settings': ['setting-values'],
  settings: ['protection-settings', 'setting-values', 'packages'],
  'read-settings': ['settings', 'setting-values'],
  version: ['node:module'],
  report: ['version', 'diff', 'node:path', 'node:url'],
  scan: ['report', 'policy', 'attack', 'cors', 'http', 'syntax', 'packages'],
  // Node's that compute and know no file, clock or network: the hash of a revision, the methods that Node's parser reads.
  policy: [
    'attack',
    'cors',
    'http',
    'syntax',
    'tldts',
    'yaml',
    'zod',
    'node:crypto',
    'node:http',
    'node:module',
    'node:net',
  ],
  observe: ['cors', 'packages'],
  gateway: ['observe', 'policy', 'cors', 'http', 'syntax', 'settings', 'packages'],
  admin: ['gateway', 'observe', 'policy', 'cors', 'report', 'setting-values', 'packages'],
  cli: [
    'admin',
    'gateway',
    'observe',
    'policy',
    'cors',
    'syntax',
    'scan',
    'report',
    'read-settings',
    'setting-values',
    'settings',
    'version',
    'packages',
  ],
}

/**
 * The rooms of the larger folders: what each may import of the others of its folder. `.` are the files that lie in
 * the folder itself.
 */
const ROOMS: Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> = {
  cors: {
    origins: [],
    '.': ['origins'],
    browser: ['.'],
  },
  observe: {
    events: [],
    formats: [],
    log: ['formats', 'events'],
    metrics: ['events'],
    activity: ['log', 'events'],
    reading: ['events'],
  },
  gateway: {
    listener: ['exchange', 'loading'],
    upstream: [],
    exchange: ['upstream'],
    loading: ['upstream'],
    request: ['exchange', 'loading', 'upstream', 'listener'],
    forward: ['request', 'exchange', 'upstream', 'listener'],
    websocket: ['listener', 'forward', 'request', 'exchange', 'upstream'],
    'dry-run': ['websocket', 'request'],
    '.': ['websocket', 'forward', 'request', 'loading', 'listener'],
    workers: ['.', 'loading', 'listener'],
  },
  cli: {
    terminal: [],
    given: ['terminal'],
    formats: ['given', 'terminal'],
    '.': ['formats', 'given', 'terminal'],
  },
  policy: {
    problems: [],
    schema: [],
    parse: ['schema', 'problems'],
    resolved: ['problems'],
    routes: ['resolved', 'parse', 'schema', 'problems'],
    resolve: ['routes', 'resolved', 'parse', 'schema', 'problems'],
    compiled: ['routes', 'resolved', 'problems'],
    '.': ['compiled', 'routes'],
    explain: ['.', 'compiled', 'routes', 'resolve', 'resolved', 'problems'],
    lint: ['compiled', 'resolve', 'routes', 'resolved', 'schema', 'problems'],
    expectations: ['explain', 'compiled', 'resolved', 'parse', 'schema', 'problems'],
    ceiling: ['routes', 'resolved', 'parse', 'schema', 'problems'],
    diff: ['compiled', 'routes', 'resolved'],
    suggestions: ['.', 'resolve', 'resolved', 'compiled', 'problems'],
  },
}

const MAX_LINES = 250

const ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '..', 'src')
const FILES = readdirSync(ROOT, { recursive: true, encoding: 'utf8' })
  .filter(name => name.endsWith('.ts'))
  .sort()
const TEXTS = new Map(FILES.map(file => [file, readFileSync(join(ROOT, file), 'utf8')]))

const STATEMENT = /^(?:import|export)\b(?:[^'"`;=(]*\bfrom)?\s*'([^']+)'/gm
const IMPORT = new RegExp(`${STATEMENT.source}|\\b(?:import|require)\\(\\s*'([^']+)'`, 'gm')

t.test('every import follows an arrow, and every arrow has an import', async t => {
  t.ok(FILES.length > 30, `${FILES.length} files were read`)
  const unused = new Set(
    Object.entries(ARROWS).flatMap(([from, below]) => below.map(to => `${from} → ${to}`)),
  )
  for (const file of FILES) {
    const from = folderOf(file)
    const allowed = ARROWS[from]
    t.ok(allowed, `${file}: its folder has a row in the table`)
    const imports = importsOf(file).map(specifier => ({ specifier, to: targetOf(file, specifier) }))
    for (const { to } of imports) unused.delete(`${from} → ${to}`)
    const wrong = imports.filter(({ to }) => to !== from && !allowed?.includes(to))
    t.strictSame(
      wrong.map(({ specifier, to }) => `${specifier} (${to})`),
      [],
      `src/${file}`,
    )
  }
  t.strictSame([...unused], [], 'nothing is allowed that nobody needs')
})

t.test('every import between rooms follows an arrow, and every arrow has an import', async t => {
  for (const [folder, rooms] of Object.entries(ROOMS)) {
    const unused = new Set(
      Object.entries(rooms).flatMap(([from, below]) => below.map(to => `${from} → ${to}`)),
    )
    for (const file of FILES.filter(file => folderOf(file) === folder)) {
      const from = roomOf(file)
      t.ok(rooms[from], `src/${file}: its room has a row in the table`)
      const next = localImportsOf(file).filter(next => folderOf(next) === folder && roomOf(next) !== from)
      t.strictSame(
        next.filter(next => !rooms[from]?.includes(roomOf(next))),
        [],
        `src/${file}`,
      )
      for (const used of next) unused.delete(`${from} → ${roomOf(used)}`)
    }
    t.strictSame([...unused], [], `src/${folder}: nothing is allowed that nobody needs`)
  }
})

t.test('the map shows every room, below those that it imports', async t => {
  const map = readFileSync(join(ROOT, '..', 'docs', 'architecture.md'), 'utf8')
  for (const [folder, rooms] of Object.entries(ROOMS)) {
    const section = map.split(`### Inside \`src/${folder}\``)[1]?.split('\n#')[0] ?? ''
    const rows = section.split('\n').filter(line => line.startsWith('| `'))
    const rowOf = (room: string) =>
      rows.findIndex(row => row.split(' | ')[0]?.includes(`\`${room === '.' ? folder : room}/\``))
    for (const [room, below] of Object.entries(rooms)) {
      t.not(rowOf(room), -1, `${folder}: ${room}`)
      for (const imported of below) t.ok(rowOf(imported) < rowOf(room), `${folder}: ${room} → ${imported}`)
    }
  }
})

t.test('every file that the map and the decisions name is there', async t => {
  const docs = join(ROOT, '..', 'docs')
  const pages = ['architecture.md', ...readdirSync(join(docs, 'adr')).map(name => join('adr', name))]
  for (const page of pages) {
    const named = readFileSync(join(docs, page), 'utf8').matchAll(/`(?:src\/)?((?:[a-z-]+\/)*[a-z-]+\.ts)`/g)
    for (const [, path = ''] of named) {
      const found = FILES.some(file => file === path || (!path.includes('/') && file.endsWith(`/${path}`)))
      t.ok(found || existsSync(join(ROOT, '..', path)), `docs/${page}: ${path}`)
    }
  }
})

t.test('every decision is in their index', async t => {
  const dir = join(ROOT, '..', 'docs', 'adr')
  const index = readFileSync(join(dir, 'README.md'), 'utf8')
  for (const name of readdirSync(dir).filter(name => /^\d{4}-/.test(name))) {
    t.ok(index.includes(`| [${Number(name.slice(0, 4))}](${name}) |`), name)
  }
})

t.test('no arrow points back up', async t => {
  for (const [name, arrows] of Object.entries({ src: ARROWS, ...ROOMS })) {
    const above = (folder: string, seen: readonly string[] = []): readonly string[] =>
      (arrows[folder] ?? []).flatMap(below =>
        seen.includes(below) ? [below] : [below, ...above(below, [...seen, folder])],
      )
    for (const folder of Object.keys(arrows)) t.notOk(above(folder).includes(folder), `${name}: ${folder}`)
  }
})

t.test('no cycle between files, types included', async t => {
  const done = new Set<string>()
  const cycles: string[] = []
  const visit = (file: string, path: readonly string[]) => {
    if (path.includes(file)) cycles.push([...path.slice(path.indexOf(file)), file].join(' → '))
    if (path.includes(file) || done.has(file)) return
    for (const next of localImportsOf(file)) visit(next, [...path, file])
    done.add(file)
  }
  for (const file of FILES) visit(file, [])
  t.strictSame(cycles, [])
})

t.test('every local import is a file with its suffix', async t => {
  for (const file of FILES) {
    for (const next of localImportsOf(file)) t.ok(TEXTS.has(next), `src/${file} imports src/${next}`)
  }
})

t.test('no barrel: a file that only hands on what others export', async t => {
  for (const [file, text] of TEXTS) {
    const rest = withoutComments(text).replace(STATEMENT, '').trim()
    t.not(rest, '', `src/${file} has something of its own`)
  }
})

t.test(`no file over ${MAX_LINES} lines`, async t => {
  for (const [file, text] of TEXTS) {
    const lines = text.split('\n').length - 1
    if (lines > MAX_LINES) t.fail(`src/${file} has ${lines} lines`)
  }
})

t.test('the reader of imports reads them all', async t => {
  const rows: readonly [string, readonly string[]][] = [
    ["import t from 'a'", ['a']],
    ["import type { T } from './a.js'", ['./a.js']],
    ["import {\n  a,\n  type B,\n} from './a.js'", ['./a.js']],
    ["import 'a'", ['a']],
    ["import * as a from 'a'", ['a']],
    ["export { a } from './a.js'", ['./a.js']],
    ["export * from './a.js'", ['./a.js']],
    ["const a = await import('./a.js')", ['./a.js']],
    ["const a = require('a')", ['a']],
    ["// import 'a'\n/* import 'b' */", []],
    ["const text = 'imported from there'", []],
  ]
  for (const [text, expected] of rows) t.strictSame(specifiersIn(text), expected, text)
})

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : file.replace(/\.ts$/, '')
}

/** The folder inside its folder: `upstream` for `gateway/upstream/dial.ts`, `.` for `gateway/app.ts`. */
function roomOf(file: string): string {
  const [, room = '', below] = file.split('/')
  return below === undefined ? '.' : room
}

function targetOf(file: string, specifier: string): string {
  if (specifier.startsWith('.')) return folderOf(localOf(file, specifier))
  return ARROWS[folderOf(file)]?.includes('packages') ? 'packages' : specifier
}

function localOf(file: string, specifier: string): string {
  return relative(ROOT, resolve(ROOT, dirname(file), specifier)).replace(/\.js$/, '.ts')
}

function localImportsOf(file: string): readonly string[] {
  return importsOf(file)
    .filter(specifier => specifier.startsWith('.'))
    .map(specifier => localOf(file, specifier))
}

function importsOf(file: string): readonly string[] {
  return specifiersIn(TEXTS.get(file) ?? '')
}

function specifiersIn(text: string): readonly string[] {
  return [...withoutComments(text).matchAll(IMPORT)].map(match => match[1] ?? match[2] ?? '')
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/^\s*\/\/.*$/gm, '')
}
