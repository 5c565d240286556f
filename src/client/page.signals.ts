/** An object that may have listeners. Node and workers lack some of these objects and methods. */
interface Target {
  addEventListener?(type: string, listener: (event: PageEvent) => void, capture?: boolean): void;
  removeEventListener?(type: string, listener: (event: PageEvent) => void, capture?: boolean): void;
}
interface PageEvent {
  readonly type: string;
  readonly persisted?: boolean;
}
interface PageGlobals extends Target {
  readonly document?: { readonly hidden: boolean };
  readonly navigator?: { readonly connection?: Target };
}

/** Events of the window and of the document. A capturing listener on the window receives both. */
const EVENTS = 'online offline visibilitychange pagehide pageshow freeze resume'.split(' ');

/**
 * Calls `onSignal` with the type of each event of the page or the network that concerns a connection. Returns a
 * function that removes the listeners.
 *
 * `freeze`: the page stops running, or enters the back/forward cache. `offline`: the network is gone. Any other type:
 * the page runs again, is visible again, or has another network.
 */
export function watchPage(onSignal: (type: string) => void): () => void {
  const page = globalThis as PageGlobals;
  const listener = ({ type, persisted }: PageEvent) => {
    if (type === 'pagehide') {
      if (persisted) onSignal('freeze');
    } else if (type !== 'visibilitychange' || !page.document?.hidden) onSignal(type);
  };
  const forEachTarget = (method: 'addEventListener' | 'removeEventListener') => {
    for (const type of EVENTS) page[method]?.(type, listener, true);
    page.navigator?.connection?.[method]?.('change', listener);
  };
  forEachTarget('addEventListener');
  return () => forEachTarget('removeEventListener');
}
