export interface Rule {
  term: string;
  use: string;
  why: string;
  names?: string[];
  words?: string[];
  phrases?: string[];
  literals?: false;
  except?: { why: string; path?: RegExp; name?: string; phrase?: string }[];
}

export declare const RULES: readonly Rule[];
