# One image for every process: ingress (the default), worker, dashboard, and the commands of bbb-activity.
# docs/docker.md tells how it is run; test/deploy builds it step by step and runs it as docker-compose.yml does.

FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY . .
# What npm needs and nothing else, so that a change of a source does not install everything anew.
RUN find apps packages -type f -not -name package.json -not -path '*/bin/*' -delete && rm -rf prisma scripts deploy

FROM node:24-bookworm-slim AS build
WORKDIR /app
COPY --from=manifests /app ./
RUN npm ci --no-audit --no-fund
COPY . .
RUN npm run build
# Nothing that only building needs goes on, and no embedded PostgreSQL, which is optional and for the standalone.
RUN npm prune --omit=dev --omit=optional --no-audit --no-fund

FROM node:24-bookworm-slim AS runtime
ENV NODE_ENV=production HOST=0.0.0.0 PORT=8080
WORKDIR /app
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/packages ./packages
COPY --from=build /app/apps ./apps
COPY --from=build /app/prisma ./prisma
COPY --from=build /app/deploy/docker ./deploy/docker
# Where a volume is put for what comes while the queue is away; a new one takes this folder's owner.
RUN mkdir spool && chown 1000:1000 spool && chmod 700 spool
# The user "node" of the image, by number, so that an orchestrator can see that it is not root. All files are root's: it can change none.
USER 1000:1000
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 CMD ["node", "deploy/docker/health.mjs", "/healthz"]
CMD ["node", "--enable-source-maps", "apps/ingress/dist/main.js"]
