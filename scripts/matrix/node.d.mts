export function findNode(
  major: 20 | 22 | 24,
  cache: string,
): { readonly binary: string; readonly version: string };
