/** A test whether one of some texts contains the wanted text, without regard to case. Everything fits without one. */
export function textMatch(
  wanted: string | undefined,
): (...texts: readonly (string | undefined)[]) => boolean {
  if (wanted === undefined || wanted === '') return () => true;
  const part = wanted.toLowerCase();
  return (...texts) => texts.some((text) => text?.toLowerCase().includes(part));
}
