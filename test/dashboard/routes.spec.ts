import { afterAll, describe, expect, test } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  Catch,
  HttpException,
  Injectable,
  Module,
  Scope,
  VersioningType,
  type ArgumentsHost,
  type CallHandler,
  type CanActivate,
  type ExceptionFilter,
  type ExecutionContext,
  type INestApplication,
  type NestInterceptor,
} from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { map, type Observable } from 'rxjs';
import type { HttpAnswer } from '../support/http.js';
import { PLATFORMS, startDashboard } from './dashboard.app.js';

/** A page as the build makes it. */
const page = mkdtempSync(join(tmpdir(), 'hb-page-'));
mkdirSync(join(page, 'assets'));
writeFileSync(
  join(page, 'index.html'),
  '<!doctype html><script type="module" src="./assets/main-1.js"></script><link rel="stylesheet" href="assets/main-2.css">',
);
writeFileSync(join(page, 'assets', 'main-1.js'), 'export {};');
writeFileSync(join(page, 'assets', 'main-2.css'), 'body {}');
writeFileSync(join(page, 'assets', 'icon-3.png'), Buffer.from([0x89, 0x50, 0xff, 0x00]));
writeFileSync(join(page, 'secret.txt'), 'secret');
afterAll(() => rmSync(page, { recursive: true, force: true }));

const GET_ROUTES = [
  '/heartbeat',
  '/heartbeat/assets/main-1.js',
  '/heartbeat/data/overview',
  '/heartbeat/data/clients',
  '/heartbeat/data/history',
];
const ACTIONS = ['/heartbeat/actions/probe', '/heartbeat/actions/disconnect'];

/** Refuses all but the token that a module provides. */
@Injectable()
class Tokens {
  readonly valid = 'token';
}

@Injectable()
class TokenGuard implements CanActivate {
  constructor(private readonly tokens: Tokens) {}

  canActivate(context: ExecutionContext): boolean {
    const { headers } = context.switchToHttp().getRequest<{ headers: Record<string, unknown> }>();
    return headers['authorization'] === this.tokens.valid;
  }
}

@Module({ providers: [Tokens], exports: [Tokens] })
class TokensModule {}

@Injectable()
class WrapInterceptor implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ wrapped: data })));
  }
}

@Catch(HttpException)
class OwnFormat implements ExceptionFilter {
  catch(error: HttpException, host: ArgumentsHost): void {
    const response = host.switchToHttp().getResponse<{
      status(code: number): { send(body: unknown): void };
    }>();
    response.status(error.getStatus()).send({ own: error.getResponse() });
  }
}

describe.each(Object.entries(PLATFORMS))('on %s', (name, platform) => {
  const post = {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '{"id":"x"}',
  };

  test('all routes but the actions answer', async () => {
    const { request } = await startDashboard({ platform, page });
    for (const route of GET_ROUTES)
      expect([route, (await request(route)).status]).toEqual([route, 200]);
    for (const route of ACTIONS) expect((await request(route, post)).status).toBe(404);
    expect(JSON.parse((await request('/heartbeat/data/overview')).text)).toMatchObject({
      actions: false,
    });
  });

  test('with `actions` their routes exist', async () => {
    const { request } = await startDashboard({
      platform,
      dashboard: { public: true, actions: true },
    });
    for (const route of ACTIONS) {
      const answer = await request(route, post);
      expect(answer.status).toBe(404);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'HEARTBEAT_UNKNOWN_CLIENT' });
    }
    expect(JSON.parse((await request('/heartbeat/data/overview')).text)).toMatchObject({
      actions: true,
    });
  });

  test('guards that inject hold for every route, the files included', async () => {
    const { request } = await startDashboard({
      platform,
      page,
      dashboard: { guards: [TokenGuard], imports: [TokensModule], actions: true },
    });
    const headers = { authorization: 'token' };
    for (const route of GET_ROUTES) {
      const refused = await request(route);
      expect([route, refused.status]).toEqual([route, 403]);
      expect(refused.headers).toMatchObject({
        'cache-control': 'no-store',
        'x-robots-tag': 'noindex',
      });
      expect((await request(route, { headers })).status).toBe(200);
    }
    for (const route of ACTIONS) {
      expect((await request(route, post)).status).toBe(403);
      expect(
        (await request(route, { ...post, headers: { ...post.headers, ...headers } })).status,
      ).toBe(404);
    }
  });

  test('a guard may be an object', async () => {
    const guard: CanActivate = { canActivate: () => false };
    const { request } = await startDashboard({ platform, dashboard: { guards: [guard] } });
    expect((await request('/heartbeat')).status).toBe(403);
  });

  test('a guard may be created for each request', async () => {
    @Injectable({ scope: Scope.REQUEST })
    class RequestGuard extends TokenGuard {}

    const { request } = await startDashboard({
      platform,
      dashboard: { guards: [RequestGuard], imports: [TokensModule] },
    });
    const headers = { authorization: 'token' };
    expect((await request('/heartbeat/data/overview')).status).toBe(403);
    const answers = [1, 2].map(() => request('/heartbeat/data/overview', { headers }));
    const [first, second] = (await Promise.all(answers)).map(
      ({ text }) => JSON.parse(text) as { instance: { id: string } },
    );
    expect(second?.instance).toEqual(first?.instance);
  });

  test('global guards hold for a public dashboard, too', async () => {
    const { request } = await startDashboard({
      platform,
      page,
      metadata: {
        imports: [TokensModule],
        providers: [{ provide: APP_GUARD, useClass: TokenGuard }],
      },
    });
    for (const route of GET_ROUTES) {
      expect((await request(route)).status).toBe(403);
      expect((await request(route, { headers: { authorization: 'token' } })).status).toBe(200);
    }
  });

  test('answers pass global interceptors unchanged, errors are formatted by the application', async () => {
    const { request } = await startDashboard({
      platform,
      page,
      metadata: {
        providers: [
          { provide: APP_INTERCEPTOR, useClass: WrapInterceptor },
          { provide: APP_FILTER, useClass: OwnFormat },
        ],
      },
    });
    expect((await request('/heartbeat')).text).toMatch(/^<!doctype html>/);
    expect((await request('/heartbeat/assets/main-1.js')).text).toBe('export {};');
    const clients = await request('/heartbeat/data/clients');
    expect(JSON.parse(clients.text)).toEqual({
      at: expect.any(Number) as unknown,
      total: 0,
      matched: 0,
      rows: [],
    });
    const refused = await request('/heartbeat/data/clients?limit=many');
    expect(refused.status).toBe(400);
    expect(JSON.parse(refused.text)).toMatchObject({ own: { code: 'HEARTBEAT_INVALID_ARGUMENT' } });
  });

  test.each([
    [
      'a global prefix',
      '/api/heartbeat',
      (app: INestApplication) => void app.setGlobalPrefix('api'),
    ],
    [
      'versions in the URL',
      '/heartbeat',
      (app: INestApplication) =>
        void app.enableVersioning({ type: VersioningType.URI, defaultVersion: '2' }),
    ],
    [
      'versions in a header',
      '/heartbeat',
      (app: INestApplication) =>
        void app.enableVersioning({ type: VersioningType.HEADER, header: 'v' }),
    ],
  ])('with %s the path is %s', async (_, path, configure) => {
    const { request } = await startDashboard({ platform, page, configure });
    expect((await request(path)).status).toBe(200);
    expect((await request(`${path}/data/overview`)).status).toBe(200);
  });

  test.each(['ops/heart.beat', '/ops/heart.beat/', ''])(
    'the page finds its files at the path %j',
    async (path) => {
      const app = await startDashboard({ platform, page, dashboard: { public: true, path } });
      const url = path === '' ? '/' : '/ops/heart.beat';
      await expectFilesFound(app.request, url);
      expect((await app.request(`${path === '' ? '' : url}/data/overview`)).status).toBe(200);
    },
  );

  test('the page finds its files with a slash at the end of its path', async () => {
    const slashes =
      name === 'Fastify'
        ? () => new FastifyAdapter({ routerOptions: { ignoreTrailingSlash: true } })
        : platform;
    const app = await startDashboard({ platform: slashes as typeof platform, page });
    await expectFilesFound(app.request, '/heartbeat/');
    await expectFilesFound(app.request, '/heartbeat?a=b/');
  });

  test('all answers have their headers, and the page has its own content security policy', async () => {
    const { request } = await startDashboard({
      platform,
      page,
      // As helmet does.
      configure: (app) =>
        void app.use(
          (
            _request: unknown,
            response: { setHeader(name: string, value: string): void },
            next: () => void,
          ) => {
            response.setHeader('Content-Security-Policy', "default-src 'self'; script-src 'none'");
            next();
          },
        ),
    });
    for (const route of [
      ...GET_ROUTES,
      '/heartbeat/data/clients?sort=x',
      '/heartbeat/assets/none.js',
    ]) {
      const { headers } = await request(route);
      expect(headers).toMatchObject({
        'x-content-type-options': 'nosniff',
        'x-robots-tag': 'noindex',
      });
      const cached = route.endsWith('main-1.js')
        ? 'private, max-age=31536000, immutable'
        : 'no-store';
      expect([route, headers['cache-control']]).toEqual([route, cached]);
    }
    const { headers } = await request('/heartbeat');
    expect(headers['content-type']).toBe('text/html; charset=utf-8');
    expect(headers['content-security-policy']).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
  });

  test('files are sent with their type, and nothing else of the disk', async () => {
    const { request } = await startDashboard({ platform, page });
    const css = await request('/heartbeat/assets/main-2.css');
    expect(css).toMatchObject({
      text: 'body {}',
      headers: { 'content-type': 'text/css; charset=utf-8' },
    });
    const icon = await request('/heartbeat/assets/icon-3.png');
    expect(icon.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '4' });
    for (const file of [
      '..%2fsecret.txt',
      '%2e%2e%2fsecret.txt',
      'secret.txt',
      '__proto__',
      '..%5csecret.txt',
    ])
      expect((await request(`/heartbeat/assets/${file}`)).status).toBe(404);
  });

  test('without the built page the data are served, and the page is a 503 that explains why', async () => {
    const { request } = await startDashboard({ platform, page: join(page, 'none') });
    const answer = await request('/heartbeat');
    expect(answer.status).toBe(503);
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'HEARTBEAT_PAGE_MISSING' });
    expect((await request('/heartbeat/data/overview')).status).toBe(200);
  });
});

/** All files that the page refers to are found relative to its URL, as a browser resolves them. */
async function expectFilesFound(
  request: (path: string) => Promise<HttpAnswer>,
  path: string,
): Promise<void> {
  const { status, text } = await request(path);
  expect(status).toBe(200);
  const files = [...text.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, url = '']) => url);
  expect(files).toHaveLength(2);
  for (const file of files) {
    expect(file).toMatch(/^\.\//);
    const { pathname } = new URL(file, `http://localhost${path}`);
    expect([pathname, (await request(pathname)).status]).toEqual([pathname, 200]);
  }
}
