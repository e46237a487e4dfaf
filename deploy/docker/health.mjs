// Exits 0 where this container's process answers 200 at a path of its own port: /healthz, it lives; /readyz, what it needs answers too.
// Usage: node deploy/docker/health.mjs PATH [VARIABLE]
// VARIABLE names the port: PORT, or METRICS_PORT of a process that serves nothing but its metrics.
const TIMEOUT_MS = 4_000;

const [path = '/healthz', variable = 'PORT'] = process.argv.slice(2);
try {
  const url = `http://127.0.0.1:${process.env[variable]}${path}`;
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
  process.stdout.write(`${answer.status} ${await answer.text()}\n`);
  process.exitCode = answer.ok ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error.message}: ${error.cause?.message ?? path}\n`);
  process.exitCode = 1;
}
