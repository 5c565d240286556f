/**
 * Splits the URL of a WebSocket server, as `ws` reads it, into the address of its socket and the target of the request.
 * `ws+unix:/tmp/server.sock:/chat` is the path `/chat` on a Unix socket.
 */
export function splitUrl(url) {
  const { protocol, hostname, port, pathname, search } = new URL(url);
  if (protocol !== 'ws+unix:') {
    const address = { host: hostname, port: Number(port) };
    return { protocol, address, target: pathname + search };
  }
  const [path, target] = pathname.split(':');
  return { protocol: 'ws:', address: { path }, target: (target || '/') + search };
}
