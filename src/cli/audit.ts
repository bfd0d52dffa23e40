import { Command } from 'commander'
import { auditReportCommand } from './audit-report.js'
import { auditSuggestCommand } from './audit-suggest.js'

/** `crossgate audit`: what audit logs say. */
export function auditCommand(): Command {
  return new Command('audit')
    .description('Read audit logs: report who was denied and why, or suggest an allowlist.')
    .addCommand(auditReportCommand())
    .addCommand(auditSuggestCommand())
}
