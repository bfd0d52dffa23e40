import { Command, Option } from 'commander'
import { AuditSummary } from '../observe/reading/audit-summary.js'
import { auditHtml } from '../report/audit-html.js'
import { auditJson } from '../report/audit-json.js'
import { auditText } from '../report/audit-text.js'
import { readAuditLogs } from './given/audit-input.js'
import { writeNamedFile } from './given/named-file.js'
import { wholeNumber } from './given/whole-number.js'
import { complain } from './terminal/complain.js'

/** `crossgate audit report`: exits 0, or 2 where what there is cannot be read or is no audit log. */
export function auditReportCommand(): Command {
  return new Command('report')
    .description('Say who was denied, where, why and since when, from audit logs of any size.')
    .argument('[FILE...]', 'audit logs in the native format; none or - is stdin')
    .addOption(
      new Option('--format <FORMAT>', 'how to write it').choices(['text', 'json', 'html']).default('text'),
    )
    .option('--output <FILE>', 'where to write it instead of stdout')
    .option('--top <N>', 'rows of each table', wholeNumber(1), 20)
    .addHelpText(
      'after',
      '\nExamples:\n  $ crossgate audit report audit.jsonl\n  $ kubectl logs -l app.kubernetes.io/instance=edge -c crossgate --tail=-1 | crossgate audit report --format html --output report.html',
    )
    .action(async (files, options) => {
      process.exitCode = await report(files, options)
    })
}

interface Options {
  readonly format: 'text' | 'json' | 'html'
  readonly output?: string
  readonly top: number
}

async function report(files: readonly string[], { format, output, top }: Options): Promise<number> {
  const summary = new AuditSummary()
  try {
    const stats = await readAuditLogs(files, record => summary.add(record))
    const body = FORMATS[format](
      { ...summary.totals(), ...stats, countsFinalAt: summary.countsFinalAt(Date.now()) },
      top,
    )
    if (output !== undefined) writeNamedFile(output, body)
    else process.stdout.write(body)
    return 0
  } catch (error) {
    return fail((error as Error).message)
  }
}

function fail(message: string): number {
  complain(message)
  return 2
}

const FORMATS = { text: auditText, json: auditJson, html: auditHtml } as const
