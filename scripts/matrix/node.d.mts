export type NodeVersion = 20 | 22 | 24 | `${number}.${number}.${number}`;

export function findNode(
  wanted: NodeVersion,
  cache: string,
): { readonly binary: string; readonly version: string };
