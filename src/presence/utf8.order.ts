/** Where the UTF-16 code units of surrogates begin and end. */
const FIRST_SURROGATE = 0xd800;
const BEHIND_SURROGATES = 0xe000;

/** Compares two strings by their UTF-8 bytes, without encoding them. */
export function compareUtf8(one: string, other: string): number {
  const length = Math.min(one.length, other.length);
  for (let index = 0; index < length; index++) {
    const left = one.charCodeAt(index);
    const right = other.charCodeAt(index);
    if (left !== right) return rank(left) - rank(right);
  }
  return one.length - other.length;
}

/** UTF-8 sorts by code point, in which surrogate pairs come behind all other characters. */
function rank(unit: number): number {
  const isSurrogate = unit >= FIRST_SURROGATE && unit < BEHIND_SURROGATES;
  return isSurrogate ? unit + 0x1_0000 : unit;
}

/** The index of the first string of a sorted list that is greater than `key`. */
export function indexBehind(sorted: readonly string[], key: string): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (compareUtf8(sorted[middle] as string, key) > 0) high = middle;
    else low = middle + 1;
  }
  return low;
}
