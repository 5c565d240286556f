import type { CanActivate, ExecutionContext } from '@nestjs/common';
import type { IncomingHttpHeaders } from 'node:http';

/** What the requests of Express and Fastify have in common. */
export interface HttpRequest {
  /** With Express, without the path of the application that it is mounted in. */
  readonly url: string;
  /** The whole path and query, with Express. */
  readonly originalUrl?: string;
  readonly headers: IncomingHttpHeaders;
  readonly params?: unknown;
  readonly body?: unknown;
  /** The address of the caller, as the application trusts its proxies. */
  readonly ip?: string | undefined;
}

/** What the responses of Express and Fastify have in common. */
export interface HttpResponse {
  status(code: number): this;
  header(name: string, value: string): this;
  send(body: string | Buffer): unknown;
}

const HEADERS = {
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  'X-Robots-Tag': 'noindex',
};

/** The header with the instance that answers, in all answers with data. */
export const INSTANCE_HEADER = 'X-Heartbeat-Instance';

/** Replaces the policy of the application, which may forbid the scripts of the page. */
const PAGE_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sets the headers of all answers, refusals of later guards included. */
export const headersGuard: CanActivate = {
  canActivate(context: ExecutionContext): boolean {
    const response = context.switchToHttp().getResponse<HttpResponse>();
    for (const [name, value] of Object.entries(HEADERS)) response.header(name, value);
    return true;
  },
};

/** Sends an answer past the interceptors of the application. */
export function sendJson(response: HttpResponse, body: unknown): void {
  response.status(200).header('Content-Type', 'application/json; charset=utf-8');
  response.send(JSON.stringify(body));
}

export function sendPage(response: HttpResponse, html: string): void {
  response.status(200).header('Content-Type', 'text/html; charset=utf-8');
  response.header('Content-Security-Policy', PAGE_POLICY).send(html);
}

/** Sends a file whose name changes with its content. Only browsers may store it, because guards protect it. */
export function sendFile(response: HttpResponse, type: string, content: Buffer): void {
  response.status(200).header('Content-Type', type);
  response.header('Cache-Control', 'private, max-age=31536000, immutable').send(content);
}

/** The path of a request, as its client sees it behind no proxy. */
export function pathOf({ originalUrl, url }: HttpRequest): string {
  return (originalUrl ?? url).replace(/\?.*$/s, '');
}

/** The query of a request. The query parsers of the platforms differ, and applications replace them. */
export function queryOf({ originalUrl, url }: HttpRequest): URLSearchParams {
  const target = originalUrl ?? url;
  const start = target.indexOf('?');
  return new URLSearchParams(start === -1 ? '' : target.slice(start + 1));
}
