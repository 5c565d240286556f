import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';

/** Requests paths of a server, each at its interval in ms. Returns a function that stops and waits for the last. */
export function startVisits(
  port: number,
  visits: Readonly<Record<string, number>>,
): () => Promise<void> {
  const pending = new Set<Promise<void>>();
  const timers = Object.entries(visits).map(([path, every]) =>
    setInterval(() => {
      const visited = visit(`http://127.0.0.1:${port}/${path}`);
      pending.add(visited);
      void visited.finally(() => pending.delete(visited));
    }, every),
  );
  return async () => {
    timers.forEach(clearInterval);
    await Promise.all(pending);
  };
}

/** On a connection of its own: the server ends an idle one at just the time at which the next request may come. */
async function visit(url: string): Promise<void> {
  const [response] = (await once(get(url, { agent: false }), 'response')) as [IncomingMessage];
  response.resume();
  await once(response, 'end');
  if (response.statusCode !== 200) throw new Error(`${url} answered ${response.statusCode}`);
}
