/** What is listened to, where: a worker or Node has only some of it, or nothing. */
interface Target {
  addEventListener?(type: string, listener: (event: PageEvent) => void, capture?: boolean): void;
  removeEventListener?(type: string, listener: (event: PageEvent) => void, capture?: boolean): void;
}
interface PageEvent {
  readonly type: string;
  readonly persisted?: boolean;
}
interface Surroundings extends Target {
  readonly document?: { readonly hidden: boolean };
  readonly navigator?: { readonly connection?: Target };
}

/** Those of the document pass the window on their way, whether they bubble or not. */
const EVENTS = 'online offline visibilitychange pagehide pageshow freeze resume'.split(' ');

/**
 * Listens to what a page, where there is one, and its network go through. Returns what ends it.
 *
 * `hear` gets the type of the event: `freeze` when the page will not run for a while, also because it goes
 * into the back/forward cache; `offline`; or one after which it is awake, or on another network.
 */
export function watchPage(hear: (type: string) => void): () => void {
  const surroundings = globalThis as Surroundings;
  const listener = ({ type, persisted }: PageEvent) => {
    if (type === 'pagehide') {
      if (persisted) hear('freeze');
    } else if (type !== 'visibilitychange' || !surroundings.document?.hidden) hear(type);
  };
  const forAll = (act: 'addEventListener' | 'removeEventListener') => {
    for (const type of EVENTS) surroundings[act]?.(type, listener, true);
    surroundings.navigator?.connection?.[act]?.('change', listener);
  };
  forAll('addEventListener');
  return () => forAll('removeEventListener');
}
