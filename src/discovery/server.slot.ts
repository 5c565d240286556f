import { WebSocketServer } from '@nestjs/websockets';

/*
 * How the module gets the server that Nest creates for a gateway: the prototype of the gateway class gets a property as
 * if it had one with `@WebSocketServer()`. Nest writes the server there, into every instance that it binds, as soon as
 * the server exists. The names are fixed, so that two copies of this package share one slot.
 */
const SLOT = '__heartbeatServer';
const SERVER = Symbol.for('nestjs-heartbeat:server');
const USERS = Symbol.for('nestjs-heartbeat:slot-users');

/** Receives every server as soon as Nest writes it into an instance of a gateway class. */
export interface SlotOwner {
  /** `gateway`: the instance. It may belong to another application with the same gateway class. */
  onServer(gateway: object, server: unknown): void;
}

/** The slot of one gateway class, as used by one application. */
export interface ServerSlot {
  /** Nest has written all servers of the application. The slot needs to be enumerable no longer. */
  settle(): void;
  /** Removes the slot, unless another application uses it. */
  remove(): void;
}

interface SlotUser {
  /** Weak, because the class outlives its applications, and one that never starts is never closed. */
  readonly owner: WeakRef<SlotOwner>;
  isWaiting: boolean;
}

/** Opens the slot of a gateway class. */
export function openServerSlot(prototype: object, owner: SlotOwner): ServerSlot {
  const users = usersOf(prototype);
  const user: SlotUser = { owner: new WeakRef(owner), isWaiting: true };
  users.add(user);
  WebSocketServer()(prototype, SLOT);
  update(prototype, users);
  return {
    settle: () => {
      user.isWaiting = false;
      update(prototype, users);
    },
    remove: () => {
      if (users.delete(user)) update(prototype, users);
    },
  };
}

/** The server that Nest wrote into a gateway; `undefined` if it wrote none. */
export function readServer(gateway: object): unknown {
  return Reflect.get(gateway, SERVER);
}

/** Removes the server from a gateway. */
export function forgetServer(gateway: object): void {
  Reflect.deleteProperty(gateway, SERVER);
}

/** Nest finds the property with `for … in`, so it is enumerable while an application waits for its servers. */
function update(prototype: object, users: Set<SlotUser>): void {
  for (const user of users) if (user.owner.deref() === undefined) users.delete(user);
  if (users.size === 0) return removeSlot(prototype);
  Object.defineProperty(prototype, SLOT, {
    configurable: true,
    enumerable: [...users].some(({ isWaiting }) => isWaiting),
    get(this: object): unknown {
      return readServer(this);
    },
    set(this: object, server: unknown) {
      // `@WebSocketServer()` itself writes `null`.
      if (server === null) return;
      Object.defineProperty(this, SERVER, { value: server, configurable: true, writable: true });
      for (const { owner } of users) owner.deref()?.onServer(this, server);
    },
  });
}

function removeSlot(prototype: object): void {
  Reflect.deleteProperty(prototype, SLOT);
  Reflect.deleteProperty(prototype, USERS);
  for (const key of Reflect.getOwnMetadataKeys(prototype, SLOT)) {
    Reflect.deleteMetadata(key, prototype, SLOT);
  }
}

/** The users of the slot of one class. A subclass has its own. */
function usersOf(prototype: object): Set<SlotUser> {
  if (!Object.hasOwn(prototype, USERS))
    Object.defineProperty(prototype, USERS, { value: new Set(), configurable: true });
  return Reflect.get(prototype, USERS) as Set<SlotUser>;
}
