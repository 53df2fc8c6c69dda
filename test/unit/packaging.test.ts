import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = path.resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(path.join(root, file), 'utf8');
const configuration = read('docs/configuration.md');
const settings = [...read('src/config.ts').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map(([, name]) => name as string);

type Service = { command?: string[]; environment?: Record<string, string>; image?: string; depends_on?: object };
const compose = parse(read('compose.yml'), { merge: true }) as { services: Record<string, Service> };

describe('the image', () => {
  const dockerfile = read('Dockerfile');
  const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, sources]) =>
    (sources as string).split(' '),
  );

  it('copies only what is there and what .dockerignore lets through', () => {
    const allowed = read('.dockerignore').match(/^!.+$/gm) ?? [];
    for (const source of copied) {
      expect(existsSync(path.join(root, source)), source).toBe(true);
      expect(allowed, source).toContain(`!${source}`);
    }
  });

  it('holds neither simulator nor tests, and runs as an ordinary user without install scripts', () => {
    expect(copied.filter((source) => /simulator|test|bench/.test(source))).toEqual([]);
    expect(dockerfile).toMatch(/^USER node$/m);
    expect(dockerfile).toContain('npm ci --omit=dev --ignore-scripts');
  });
});

describe('the compose file', () => {
  it('has bot and worker with PostgreSQL and a Redis that never evicts', () => {
    expect(Object.keys(compose.services)).toEqual(['bot', 'worker', 'postgres', 'redis']);
    expect(compose.services.bot?.command).toEqual(['bot']);
    expect(compose.services.worker?.command).toEqual(['worker']);
    expect(compose.services.redis?.command?.join(' ')).toContain('--maxmemory-policy noeviction');
    for (const name of ['bot', 'worker']) {
      expect(compose.services[name]?.environment).toMatchObject({ REDIS_URL: 'redis://redis:6379' });
      expect(Object.keys(compose.services[name]?.depends_on ?? {})).toEqual(['postgres', 'redis']);
    }
  });

  it('sets only what the product reads', () => {
    for (const name of Object.keys(compose.services.bot?.environment ?? {})) expect(settings).toContain(name);
  });
});

describe('the settings', () => {
  it('are all in docs/configuration.md', () => {
    expect(settings.length).toBeGreaterThan(20);
    expect(settings.filter((name) => !configuration.includes(`\`${name}\``))).toEqual([]);
  });

  it('of .env.example are known, but for the password that compose.yml asks for', () => {
    const names = [...read('.env.example').matchAll(/^([A-Z_]+)=/gm)].map(([, name]) => name as string);
    expect(names.filter((name) => !settings.includes(name))).toEqual(['POSTGRES_PASSWORD']);
  });
});

describe('the documents', () => {
  it.each(['README.md', 'docs/configuration.md', 'docs/metrics.md', 'docs/health-models.md', 'docs/importing.md'])(
    '%s links to what is there',
    (file) => {
      const links = [...read(file).matchAll(/\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)/g)].map(([, link]) => link as string);
      expect(links.filter((link) => !existsSync(path.resolve(root, path.dirname(file), link)))).toEqual([]);
    },
  );

  it('gives every dependency its reason', () => {
    const manifest = JSON.parse(read('package.json')) as Record<
      'dependencies' | 'devDependencies',
      Record<string, string>
    >;
    const reasons = read('docs/dependencies.md');
    const names = [...Object.keys(manifest.dependencies), ...Object.keys(manifest.devDependencies)];
    expect(names.filter((name) => !name.startsWith('@types/') && !reasons.includes(name))).toEqual([]);
    expect(
      Object.values({ ...manifest.dependencies, ...manifest.devDependencies }).filter((version) =>
        /^[\^~*]/.test(version),
      ),
    ).toEqual([]);
  });
});
