export declare const settings: unknown;
export declare function answer(questions: Record<string, (...args: never[]) => unknown>): void;
