import t from 'tap'
import { loadPolicyFiles } from '../../src/gateway/loading/load-policy.js'

t.test('a policy is good whatever becomes of the summary of its changes', async t => {
  const { sumUpChanges } = await t.mockImport<typeof import('../../src/gateway/loading/changes-summary.js')>(
    '../../src/gateway/loading/changes-summary.js',
    {
      '../../src/policy/diff/policy-changes.js': {
        policyChanges: () => {
          throw new RangeError('Maximum call stack size exceeded')
        },
      },
    },
  )
  const load = (path: string) => {
    const text = `version: 1
upstreams: { u: { url: "http://127.0.0.1:9" } }
routes: [{ id: a, path: ${path}, upstream: u }]
`
    const { policy } = loadPolicyFiles([{ file: 'policy.yaml', text }])
    if (policy === undefined) throw new Error(text)
    return policy
  }
  t.strictSame(sumUpChanges(load('/a'), load('/b')), [
    { summary: 'what it changes was not summed up: Maximum call stack size exceeded', details: [] },
  ])
  t.strictSame(sumUpChanges(load('/a'), load('/a')), [], 'that nothing changes is known all the same')
  t.strictSame(sumUpChanges(undefined, load('/a')), [])
})
