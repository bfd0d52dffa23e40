import type { FastifyInstance } from 'fastify'
import { beginTrace } from './trace-context.js'

/**
 * Makes a span of every request that the proxy sees, by @fastify/otel, an optional dependency that is loaded only
 * here. Where the spans go is for the OpenTelemetry SDK that the process was started with (`node --import`).
 *
 * @throws Error with one sentence, where the package is not installed.
 */
export async function traceRequests(app: FastifyInstance): Promise<void> {
  let otel: OtelModule
  try {
    otel = (await import(OTEL_PACKAGE)) as OtelModule
  } catch (error) {
    throw new Error(
      `--tracing otel needs ${OTEL_PACKAGE}: npm install ${OTEL_PACKAGE} @opentelemetry/api (${(error as NodeJS.ErrnoException).code ?? error})`,
    )
  }
  const instrumentation = new otel.FastifyOtelInstrumentation({ registerOnInitialization: false })
  app.server.prependListener('request', beginTrace)
  await app.register(instrumentation.plugin())
}

interface OtelModule {
  readonly FastifyOtelInstrumentation: new (
    options: object,
  ) => { plugin(): Parameters<FastifyInstance['register']>[0] }
}

// In a constant, so that no compiler or bundler asks for a package that most do without.
const OTEL_PACKAGE: string = '@fastify/otel'
