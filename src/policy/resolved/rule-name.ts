/** A rule as the audit record counts them: `cors[0]` of the route `orders`, from 0. */
export function ruleName(routeId: string, index: number): string {
  return `\`cors[${index}]\` of the route \`${routeId}\``
}
