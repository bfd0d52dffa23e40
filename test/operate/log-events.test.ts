import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import t from 'tap'
import ts from 'typescript'

const ROOT = resolve(import.meta.dirname, '../..')

/** What a line of the gateway's own log is made of, by the source or by the manual. */
interface LogEvent {
  readonly level: string
  /** True where equal ones are counted. */
  readonly counted: boolean
  readonly fields: ReadonlySet<string>
}

t.test('every event of the log has its row in docs/operating.md, and every row its event', async t => {
  const written = eventsOfSource()
  const told = eventsOfManual()
  t.ok(written.size > 15, `${written.size} events in the source`)
  t.same([...told.keys()].sort(), [...written.keys()].sort())
  for (const [event, { level, counted, fields }] of written) {
    t.equal(told.get(event)?.level, level, `${event}: level`)
    t.equal(told.get(event)?.counted, counted, `${event}: counted`)
    t.same([...(told.get(event)?.fields ?? [])].sort(), [...fields].sort(), `${event}: fields`)
  }
})

t.test('each row says what to do', async t => {
  for (const [event, , , remedy] of rowsOfManual()) t.match(remedy, /^[a-z`].{10,}[^.]$/, event)
})

function eventsOfManual(): Map<string, LogEvent> {
  return new Map(
    rowsOfManual().map(([event, level, fields]) => [
      event.replaceAll('`', ''),
      {
        level: level.replace(', counted', ''),
        counted: level.endsWith(', counted'),
        fields: new Set(Array.from(fields.matchAll(/`(\w+)`/g), ([, field = '']) => field)),
      },
    ]),
  )
}

function rowsOfManual(): readonly (readonly [
  event: string,
  level: string,
  fields: string,
  remedy: string,
])[] {
  const manual = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8')
  const section = manual.split("## The gateway's own log\n")[1]?.split('\n## ')[0] ?? ''
  return Array.from(section.matchAll(/^\| (`.+?`) \| (.+?) \| (.*?) ?\| (.+) \|$/gm), found => [
    found[1]!,
    found[2]!,
    found[3]!,
    found[4]!,
  ])
}

/** Every object with an `event`, and the call that it is given to. */
function eventsOfSource(): Map<string, LogEvent> {
  const events = new Map<string, { level: string; counted: boolean; fields: Set<string> }>()
  for (const file of ['gateway', 'admin'].flatMap(filesOf)) {
    const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
    const look = (node: ts.Node): void => {
      if (ts.isObjectLiteralExpression(node)) {
        const event = eventIn(node)
        if (event !== undefined) {
          const { level, counted } = loggedBy(node)
          const known = events.get(event) ?? { level, counted, fields: new Set() }
          for (const field of fieldsOf(node)) known.fields.add(field)
          known.fields.delete('event')
          events.set(event, known)
        }
      }
      ts.forEachChild(node, look)
    }
    look(source)
  }
  return events
}

function filesOf(folder: string): string[] {
  const path = join(ROOT, 'src', folder)
  const names = readdirSync(path, { recursive: true, encoding: 'utf8' })
  // The history of `/policy` is no log, and names the audit log's events.
  return names.filter(name => /(?<!policy-json)\.ts$/.test(name)).map(name => join(path, name))
}

function eventIn(node: ts.ObjectLiteralExpression): string | undefined {
  for (const property of node.properties)
    if (ts.isPropertyAssignment(property) && property.name.getText() === 'event') {
      if (ts.isStringLiteral(property.initializer)) return property.initializer.text
      throw new Error(`an event that is no plain word: ${property.getText()}`)
    }
  return undefined
}

function loggedBy(node: ts.Node): { level: string; counted: boolean } {
  const call = node.parent
  if (!ts.isCallExpression(call)) throw new Error(`not given to a log: ${node.getText()}`)
  const [first] = call.arguments
  const callee = call.expression
  if (callee.getText() === 'logLast') return { level: 'info', counted: false }
  if (!ts.isPropertyAccessExpression(callee)) throw new Error(`not given to a log: ${call.getText()}`)
  if (callee.name.text === 'add' && first !== undefined && ts.isStringLiteral(first))
    return { level: first.text, counted: true }
  return { level: callee.name.text, counted: false }
}

// Of a spread, those of every object in it; a name stands for the object that it was given in the same file.
function fieldsOf(node: ts.Node): string[] {
  if (ts.isIdentifier(node)) return fieldsOf(initializerOf(node))
  if (!ts.isObjectLiteralExpression(node)) return objectsIn(node).flatMap(fieldsOf)
  return node.properties.flatMap(property =>
    ts.isSpreadAssignment(property) ? fieldsOf(property.expression) : [property.name!.getText()],
  )
}

function objectsIn(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = []
  ts.forEachChild(node, child => {
    if (ts.isObjectLiteralExpression(child)) found.push(child)
    else found.push(...objectsIn(child))
  })
  return found
}

function initializerOf(name: ts.Identifier): ts.Node {
  let found: ts.Node | undefined
  const look = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name.text) found = node.initializer
    ts.forEachChild(node, look)
  }
  look(name.getSourceFile())
  if (found === undefined) throw new Error(`${name.text} is made elsewhere: ${name.parent.getText()}`)
  return found
}
