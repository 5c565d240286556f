import type { Rule } from './rules.mjs';

export interface Finding {
  line: number;
  text: string;
  rule: Rule;
}

export declare function checker(rules: readonly Rule[]): (path: string, text: string) => Finding[];
