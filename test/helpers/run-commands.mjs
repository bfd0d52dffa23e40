// Runs many commands in one process, one after the other, on a fixed day, and prints what each wrote as JSON. A process
// for each would take minutes.
import { readFileSync } from 'node:fs'

const NOW = Date.parse(process.argv[2])
Date.now = () => NOW

const invocations = JSON.parse(readFileSync(0, 'utf8'))
const write = process.stdout.write.bind(process.stdout)
const results = []
for (const [name, ...args] of invocations) {
  const module = await import(new URL(`../../dist/cli/${name}.js`, import.meta.url))
  const result = { stdout: '', stderr: '', code: 0 }
  process.stdout.write = chunk => {
    result.stdout += chunk
    return true
  }
  process.stderr.write = chunk => {
    result.stderr += chunk
    return true
  }
  process.exitCode = 0
  await module[`${name}Command`]().parseAsync(args, { from: 'user' })
  result.code = process.exitCode
  results.push(result)
}
process.exitCode = 0
write(JSON.stringify(results))
