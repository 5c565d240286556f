/**
 * Runs an operation that may throw, such as one on a socket: applications provide many kinds of sockets. A failure of one
 * connection must not affect the others. Returns whether the operation succeeded.
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
