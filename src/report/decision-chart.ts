import { barChart } from './chart.js'
import type { Html } from './html.js'

/** Decisions of one step of time. */
export interface DecisionStep {
  /** Unix milliseconds. */
  readonly start: number
  readonly denied: number
  readonly reported: number
  readonly allowed: number
}

/**
 * Decisions over time as bars.
 *
 * @param clock how a step's start is written under the chart
 */
export function decisionChart(
  steps: readonly DecisionStep[],
  title: string,
  clock: (start: number) => string,
): Html {
  const at = (index: number) => clock(steps[index]?.start ?? 0)
  const last = steps.length - 1
  return barChart(
    steps.map(({ start, denied, reported, allowed }) => ({
      label: new Date(start).toISOString(),
      parts: [denied, reported, allowed],
    })),
    {
      title,
      series: [
        { className: 'denied', name: 'denied' },
        { className: 'reported', name: 'would be denied' },
        { className: 'allowed', name: 'allowed' },
      ],
      ticks: [at(0), at(last >> 1), at(last)],
    },
  )
}
