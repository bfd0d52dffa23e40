# The image of Crossgate: built on Node's slim image, run on distroless, as nobody (65532), with nothing to write to.
#
#   docker build -t crossgate .
#   docker run -p 8080:8080 -v "$PWD/policy:/etc/crossgate:ro" --read-only crossgate
#
# Mirrors and other bases (Wolfi, a hardened internal one, `-debug` for a shell): name them with --build-arg. In a
# release both are pinned by digest. `node` must be on the run image's PATH or in /nodejs/bin.
ARG BUILD_IMAGE=docker.io/library/node:26-trixie-slim
ARG RUN_IMAGE=gcr.io/distroless/nodejs26-debian13:nonroot

# npm's lockfile names no registry, so this one serves every package.
ARG NPM_REGISTRY=https://registry.npmjs.org/

FROM ${BUILD_IMAGE} AS build
ARG NPM_REGISTRY
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-audit --no-fund --registry="$NPM_REGISTRY"
COPY tsconfig.json ./
COPY scripts/bundle-serve.mjs ./scripts/
COPY src ./src
RUN node_modules/.bin/tsc -p tsconfig.json && node scripts/bundle-serve.mjs
# What runs is dist and these; nothing that only the build needs comes along.
RUN npm prune --omit=dev --ignore-scripts --no-audit --no-fund --registry="$NPM_REGISTRY" \
 && find node_modules -depth \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \
      -o -name '*.md' -o -path '*/test' -o -path '*/tests' -o -path '*/benchmarks' -o -path '*/.github' \) \
      -exec rm -rf {} + \
 && mkdir -p /empty

FROM ${RUN_IMAGE}
ARG VERSION=0.0.0-dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="crossgate" \
      org.opencontainers.image.description="A reverse proxy that owns the CORS policy of the APIs behind it" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"

WORKDIR /app
COPY --from=build /src/package.json ./
COPY --from=build /src/node_modules ./node_modules
COPY --from=build /src/dist ./dist
COPY LICENSE ./
# Where the policy is mounted. Empty here: without a policy nothing starts.
COPY --from=build /empty /etc/crossgate

# Inside a container the network is the container's own, so the gateway listens on all of it. The admin listener stays
# on loopback until somebody says otherwise.
ENV NODE_ENV=production \
    PATH=/nodejs/bin:/usr/local/bin:/usr/bin:/bin \
    CROSSGATE_POLICY=/etc/crossgate \
    CROSSGATE_LISTEN=0.0.0.0:8080 \
    CROSSGATE_ADMIN=127.0.0.1:9901

# Numeric, so that Kubernetes can see that it is not root.
USER 65532:65532
EXPOSE 8080 9901
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s --retries=3 \
  CMD ["node", "/app/dist/cli/main.js", "healthcheck"]
# The process handles its signals itself, and reaps the only children it may have (its workers): PID 1 without an init.
ENTRYPOINT ["node", "/app/dist/cli/main.js"]
CMD ["serve"]
