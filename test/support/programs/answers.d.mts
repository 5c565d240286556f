export declare const settings: unknown;
export declare function answer(methods: Record<string, (...args: never[]) => unknown>): void;
