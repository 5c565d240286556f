import { once } from 'node:events';
import {
  get,
  request,
  type IncomingHttpHeaders,
  type IncomingMessage,
  type OutgoingHttpHeaders,
} from 'node:http';
import { request as secureRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { splitUrl } from './programs/address.mjs';

/** Gets the body of an HTTP response from an application, by the URL where its clients connect. */
export async function getText(url: string): Promise<string> {
  const { address, target } = splitUrl(url);
  // fetch() has no option for a Unix socket.
  if (!('path' in address)) return (await fetch(url.replace('ws', 'http'))).text();
  const sent = get({ socketPath: address.path, path: target });
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  return text(response);
}

/** An answer of an application. */
export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** What a request sends besides its URL. */
export interface HttpSettings {
  readonly method?: string;
  readonly headers?: OutgoingHttpHeaders;
  readonly body?: string;
}

/** Sends an HTTP request to an application, by the URL where its clients connect. */
export async function sendRequest(
  url: string,
  { body, ...settings }: HttpSettings = {},
): Promise<HttpAnswer> {
  const { address, target } = splitUrl(url);
  const send = url.startsWith('wss:') ? secureRequest : request;
  // Without an agent: a connection that is kept would delay the close of the application.
  const options = { ...settings, path: target, agent: false };
  const sent =
    'path' in address
      ? send({ ...options, socketPath: address.path })
      : send({ ...options, host: address.host, port: address.port });
  sent.end(body);
  const [response] = (await once(sent, 'response')) as [IncomingMessage];
  const { statusCode = 0, headers } = response;
  return { status: statusCode, headers, text: await text(response) };
}
