# Bellwether's bot and worker. Build: docker build -t bellwether .
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY tools/node/package.json tools/node/package.json
# Types and source maps are nearly half of it, and nothing reads them here.
RUN npm ci --omit=dev --ignore-scripts \
  && find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.cts' -o -name '*.d.mts' \) -delete

FROM node:26-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY assets assets
COPY playbooks playbooks
COPY src src
COPY blocks blocks
COPY jobs jobs
COPY handlers handlers
USER node
EXPOSE 3000
HEALTHCHECK --interval=30s --timeout=5s --start-period=30s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT || 3000}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# "bot" listens to Slack, "worker" computes; without an argument one process does both.
ENTRYPOINT ["node", "--max-semi-space-size=8", "src/main.ts"]
