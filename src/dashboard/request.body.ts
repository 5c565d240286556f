import type { Readable } from 'node:stream';
import { isPlainObject } from '../heartbeat.options.checks.js';
import { show } from '../heartbeat.text.js';
import { invalidRequest } from './dashboard.errors.js';
import type { HttpRequest } from './dashboard.http.js';

/** The body of an action. */
export interface ActionBody {
  readonly id: string;
  readonly reason?: string;
}

/** Bytes of a body that is read here. */
const LONGEST_BODY = 10_000;

/** @throws HttpException (400) for a body that is not understood */
export async function bodyOf(request: HttpRequest): Promise<ActionBody> {
  const body = request.body === undefined ? await parse(request) : request.body;
  if (!isPlainObject(body)) throw invalidRequest('The body is no JSON object. Send { "id": "…" }.');
  const { id, reason } = body;
  if (typeof id !== 'string') throw invalidRequest(`\`id\` is ${show(id)}. Send a connection ID.`);
  if (reason === undefined) return { id };
  if (typeof reason !== 'string')
    throw invalidRequest(`\`reason\` is ${show(reason)}. Send a string.`);
  return { id, reason };
}

/** Parses what an Express application without a body parser left unread. */
async function parse(request: HttpRequest & Partial<Readable>): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  if (request.readable && request[Symbol.asyncIterator] !== undefined) {
    for await (const chunk of request as unknown as AsyncIterable<Buffer>) {
      length += chunk.length;
      if (length > LONGEST_BODY) throw invalidRequest('The body is too long.');
      chunks.push(chunk);
    }
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString());
  } catch {
    return undefined;
  }
}
