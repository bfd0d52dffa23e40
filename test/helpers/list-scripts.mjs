// Preloaded with --import: writes the URL of every script that V8 has parsed to $SCRIPTS, a line each, when the process ends.
// By the inspector and not by NODE_V8_COVERAGE, which the test runner has for itself.
import { writeFileSync } from 'node:fs'
import { Session } from 'node:inspector'

const urls = new Set()
const session = new Session()
session.connect()
session.on('Debugger.scriptParsed', ({ params }) => urls.add(params.url))
session.post('Debugger.enable')
process.on('exit', () => writeFileSync(process.env.SCRIPTS, [...urls].join('\n')))
