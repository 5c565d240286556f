export declare const MOST_WORDS: number;
export declare function longSentences(markdown: string, most?: number): string[];
