/**
 * Calls code that may throw, such as operations on sockets, which applications provide in many kinds. One connection
 * that fails must not disturb the others. Returns whether the code did not throw.
 */
export function attempt(operation: () => void, onError: (error: unknown) => void): boolean {
  try {
    operation();
    return true;
  } catch (error) {
    onError(error);
    return false;
  }
}
