import { useLayoutEffect, useRef } from 'preact/hooks';

/** Keeps the focus on a button of a row whose place changes: browsers take it from an element that is moved. */
export function useKeptFocus(rows: unknown): void {
  const focused = useRef<HTMLElement | undefined>(undefined);
  useLayoutEffect(() => {
    const remember = ({ target }: FocusEvent): void => {
      focused.current = target instanceof HTMLElement ? target : undefined;
    };
    document.addEventListener('focusin', remember);
    return () => document.removeEventListener('focusin', remember);
  }, []);
  useLayoutEffect(() => {
    const element = focused.current;
    if (
      document.activeElement === document.body &&
      element?.isConnected === true &&
      element.closest('[data-id]')
    )
      element.focus({ preventScroll: true });
  }, [rows]);
}
