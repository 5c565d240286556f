export declare function splitUrl(url: string): {
  /** `ws:` or `wss:`; `ws:` on a Unix socket. */
  readonly protocol: string;
  /** What `net.connect()` takes. */
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  /** The target of the HTTP request. */
  readonly target: string;
};
