import { Registry } from '@prometheus-io/client'

/** Metrics as data, as `Metrics.series` gives them. */
export type Series = readonly object[]

/** One exposition of several processes' metrics: counters, histograms and gauges are added up. */
export function mergeMetrics(all: readonly Series[]): Promise<string> {
  return merged(all).metrics()
}

/** The same as data. */
export function mergeSeries(all: readonly Series[]): Promise<Series> {
  return merged(all).getMetricsAsJSON()
}

/** Adds up what must never go back when a process ends: its counters and histograms. */
export async function keepCounters(all: readonly Series[]): Promise<Series> {
  return merged(all.map(series => series.filter(metric => CUMULATIVE.has(typeOf(metric))))).getMetricsAsJSON()
}

/** Leaves out the metrics whose name begins so. */
export function without(series: Series, prefix: string): Series {
  return series.filter(metric => !(metric as { name: string }).name.startsWith(prefix))
}

function merged(all: readonly Series[]): Registry {
  return Registry.aggregate([...all] as object[])
}

function typeOf(metric: object): string {
  return String((metric as { type: unknown }).type)
}

const CUMULATIVE: ReadonlySet<string> = new Set(['counter', 'histogram'])
