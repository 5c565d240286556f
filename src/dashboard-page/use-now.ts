import { useEffect, useState } from 'preact/hooks';

/** The time of `performance.now()`, renewed each second. */
export function useNow(): number {
  const [, setTick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => {
      if (!document.hidden) setTick((tick) => tick + 1);
    }, 1_000);
    return () => clearInterval(timer);
  }, []);
  return performance.now();
}
