import { escapeLines } from './display-text.js'
import { countCases, countFailed, countSkipped, type TestCase, type TestSuite } from './test-suite.js'

/** Test results as JUnit XML, as CI servers read it. */
export function formatJunit(suites: readonly TestSuite[]): string {
  const total = suites.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
  const attributes = `tests="${countCases(suites)}" failures="${countFailed(suites)}" time="${seconds(total)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${attributes}>`,
    ...suites.flatMap(suiteLines),
    '</testsuites>',
    '',
  ].join('\n')
}

function suiteLines(suite: TestSuite): readonly string[] {
  const attributes = `name="${escapeXml(suite.name)}" tests="${suite.cases.length}" failures="${countFailed([suite])}" errors="0" skipped="${countSkipped([suite])}" time="${seconds(suite.milliseconds)}"`
  return [
    `  <testsuite ${attributes}>`,
    ...suite.cases.flatMap(one => caseLines(suite, one)),
    '  </testsuite>',
  ]
}

function caseLines(suite: TestSuite, one: TestCase): readonly string[] {
  const { name, line, milliseconds, failures, skipped } = one
  const file = suite.file === undefined ? '' : ` file="${escapeXml(suite.file)}"`
  const at = line === undefined ? '' : ` line="${line}"`
  const head = `    <testcase name="${escapeXml(name)}" classname="${escapeXml(suite.name)}"${file}${at} time="${seconds(milliseconds)}"`
  if (skipped !== undefined) return [`${head}><skipped message="${escapeXml(skipped)}"/></testcase>`]
  if (failures.length === 0) return [`${head}/>`]
  const [first = ''] = failures
  return [
    `${head}>`,
    `      <failure message="${escapeXml(first)}">${escapeXml(failures.join('\n'))}</failure>`,
    '    </testcase>',
  ]
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1000).toFixed(3)
}

// XML 1.0 has no way at all to write most control characters; a terminal is not to act on the rest.
function escapeXml(text: string): string {
  const written = text
    .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
  return escapeLines(written, character => `&#x${character.codePointAt(0)?.toString(16)};`)
}
