import { type Html, html } from './html.js'

/** One bar: what it stands for, and its parts from the bottom up. */
export interface Bar {
  readonly label: string
  readonly parts: readonly number[]
}

export interface ChartOptions {
  readonly title: string
  /** Class and name of each part, in the order of `Bar.parts`. */
  readonly series: readonly { readonly className: string; readonly name: string }[]
  /** Text under the left, middle and right end. */
  readonly ticks: readonly [string, string, string]
}

/** A stacked bar chart: bars as inline SVG that stretches, text beside it that does not; colours by class, no script. */
export function barChart(bars: readonly Bar[], { title, series, ticks }: ChartOptions): Html {
  const top = niceTop(Math.max(2, ...bars.map(bar => sum(bar.parts))))
  const width = WIDTH / Math.max(1, bars.length)
  const total = series.map((_, index) => sum(bars.map(bar => bar.parts[index] ?? 0)))
  const described = series.map(({ name }, index) => `${total[index]} ${name}`).join(', ')
  return html`<figure class="chart"><div class="plot"><div class="scale" aria-hidden="true">${[...GRID].reverse().map(part => html`<span>${compact(top * part)}</span>`)}</div>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}: ${described}" preserveAspectRatio="none">
${GRID.map(part => html`<line class="grid" x1="0" x2="${WIDTH}" y1="${HEIGHT * (1 - part)}" y2="${HEIGHT * (1 - part)}"/>`)}
${bars.map((bar, index) => stack(bar, index * width, width, top, series))}
</svg></div><div class="ticks" aria-hidden="true">${ticks.map(tick => html`<span>${tick}</span>`)}</div>
<figcaption>${series.map(({ className, name }, index) => html`<span class="key ${className}">${name} <b>${compact(total[index] ?? 0)}</b></span>`)}</figcaption></figure>`
}

/** 950, 1.2k, 3.4M. */
export function compact(value: number): string {
  for (const [limit, unit] of UNITS) {
    if (value >= limit) return `${round(value / limit, value / limit < 10 ? 1 : 0)}${unit}`
  }
  return String(round(value, 1))
}

function stack(
  { label, parts }: Bar,
  x: number,
  width: number,
  top: number,
  series: ChartOptions['series'],
): Html {
  let y = HEIGHT
  const gap = width > 3 ? 1 : 0
  const rects = parts.map((value, index) => {
    const height = value === 0 ? 0 : Math.max(1, (value / top) * HEIGHT)
    y -= height
    return height === 0
      ? undefined
      : html`<rect class="${series[index]?.className}" x="${round(x)}" y="${round(y)}" width="${round(width - gap)}" height="${round(height)}"/>`
  })
  if (sum(parts) === 0) return html``
  const said = parts.map((value, index) => `${value} ${series[index]?.name}`).join(', ')
  return html`<g><title>${label}: ${said}</title>${rects}</g>`
}

function niceTop(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value))
  return [1, 2, 4, 5, 10].map(step => step * power).find(step => step >= value) ?? value
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function round(value: number, digits = 2): number {
  return Number(value.toFixed(digits))
}

const UNITS: readonly (readonly [number, string])[] = [
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
]
const GRID = [0, 0.5, 1]
const WIDTH = 800
const HEIGHT = 140
