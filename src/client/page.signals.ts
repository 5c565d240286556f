/** What is listened for, where: a worker or Node has only some of it, or nothing. */
interface Target {
  addEventListener?(type: string, listener: (event: PageEvent) => void): void;
  removeEventListener?(type: string, listener: (event: PageEvent) => void): void;
}
interface PageEvent {
  readonly type: string;
  readonly persisted?: boolean;
}
interface Surroundings extends Target {
  readonly document?: Target & { readonly hidden: boolean };
  readonly navigator?: { readonly connection?: Target };
}

/**
 * What a page goes through. `wake`: it is back, or its network is. `doubt`: its network may be gone.
 * `freeze`: it will not run for a while.
 */
export type PageSignal = 'wake' | 'doubt' | 'freeze';

/** Listens to the page, where there is one. Returns what ends it. */
export function watchPage(hear: (signal: PageSignal) => void): () => void {
  const surroundings = globalThis as Surroundings;
  const { document, navigator } = surroundings;
  const listener = ({ type, persisted }: PageEvent) => {
    if (type === 'freeze' || persisted === true) hear(type === 'pageshow' ? 'wake' : 'freeze');
    else if (type === 'offline') hear('doubt');
    // Who is resumed runs again, hidden or not.
    else if (type === 'visibilitychange' ? !document?.hidden : type !== 'pagehide') hear('wake');
  };
  const forAll = (act: 'addEventListener' | 'removeEventListener') => {
    const on = (target: Target | undefined, ...types: string[]) => {
      for (const type of types) target?.[act]?.(type, listener);
    };
    on(surroundings, 'online', 'offline', 'pageshow', 'pagehide');
    on(document, 'visibilitychange', 'freeze', 'resume');
    on(navigator?.connection, 'change');
  };
  forAll('addEventListener');
  return () => forAll('removeEventListener');
}
