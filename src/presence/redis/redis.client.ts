/** A client of ioredis or iovalkey, or a `Cluster` of them, as far as it is used here. */
export interface IoredisClient {
  call(command: string, args: string[]): Promise<unknown>;
  duplicate(): IoredisSubscriber;
}

/** A duplicate of it that subscribes. */
export interface IoredisSubscriber {
  readonly status: string;
  subscribe(channel: string): Promise<unknown>;
  on(event: string, listener: (channel?: string, message?: string) => void): unknown;
  disconnect(): void;
}

/** A client can be set to return Buffers. */
export type MessageListener = (message: string | Buffer) => void;

/** Arguments of a script, as node-redis takes them. */
export interface NodeRedisArguments {
  keys: string[];
  arguments: string[];
}

/** A client of node-redis, or its cluster, as far as it is used here. */
export interface NodeRedisClient {
  evalSha(sha: string, args: NodeRedisArguments): Promise<unknown>;
  eval(script: string, args: NodeRedisArguments): Promise<unknown>;
  duplicate(): NodeRedisSubscriber;
}

/** A duplicate of it that subscribes. */
export interface NodeRedisSubscriber {
  readonly isOpen: boolean;
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: MessageListener): Promise<unknown>;
  on(event: string, listener: () => void): unknown;
  destroy(): unknown;
}

/** A sentinel client of node-redis. It has no `duplicate()`, and keeps a connection for subscriptions itself. */
export interface NodeRedisSentinel {
  readonly isOpen: boolean;
  evalSha(sha: string, args: NodeRedisArguments): Promise<unknown>;
  eval(script: string, args: NodeRedisArguments): Promise<unknown>;
  subscribe(channel: string, listener: MessageListener): Promise<unknown>;
  unsubscribe(channel: string, listener: MessageListener): Promise<unknown>;
}

/**
 * A client for Redis 7.0 or Valkey 8, or later: node-redis 5 or 6 (client, cluster, sentinel), ioredis 5 or 6 (client,
 * also with sentinels, and `Cluster`), or iovalkey. Any object with these methods will do.
 *
 * @publicApi
 */
export type RedisClient = IoredisClient | NodeRedisClient | NodeRedisSentinel;
