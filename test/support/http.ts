import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { splitUrl } from './programs/address.mjs';

/** Gets the body of an HTTP response from an application, by the URL where its clients connect. */
export async function getText(url: string): Promise<string> {
  const { address, target } = splitUrl(url);
  // fetch() has no option for a Unix socket.
  if (!('path' in address)) return (await fetch(url.replace('ws', 'http'))).text();
  const request = get({ socketPath: address.path, path: target });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return text(response);
}
