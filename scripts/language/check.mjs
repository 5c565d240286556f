// Finds retired terms in the identifiers and in the prose of a file.
import { extract } from './extract.mjs';

/**
 * @typedef {{ line: number, text: string, rule: import('./rules.mjs').Rule }} Finding
 */

/** `pendingPings` gives `pending pings`. */
const wordsOf = (name) =>
  name
    .split(/[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/)
    .filter(Boolean)
    .join(' ')
    .toLowerCase();

/** A phrase is a regular expression in which a space stands for any white space. */
const phrasePattern = (phrases) =>
  new RegExp(`(?<![\\w-])(?:${phrases.join('|')})(?![\\w])`.replaceAll(' ', '\\s+'), 'gi');

const wordPattern = (words) => new RegExp(`(?<=^| )(?:${words.join('|')})(?= |$)`);

/** Compiles rules into a function that checks one file. */
export function checker(rules) {
  const compiled = rules.map((rule) => {
    const except = rule.except ?? [];
    return {
      rule,
      names: new Set(rule.names),
      words: rule.words && wordPattern(rule.words),
      phrases: rule.phrases && phrasePattern(rule.phrases),
      paths: except.flatMap(({ path, name, phrase }) => (path && !name && !phrase ? [path] : [])),
      exceptNames: except.filter(({ name }) => name),
      exceptPhrases: except
        .filter(({ phrase }) => phrase)
        .map(({ phrase, path }) => ({ path, pattern: phrasePattern([phrase]) })),
    };
  });

  /** @returns {Finding[]} */
  return function check(path, text) {
    const { identifiers, literals, prose } = extract(path, text);
    const lineOf = lines(text);
    const findings = [];
    const applies = (exception) => exception.path === undefined || exception.path.test(path);
    for (const one of compiled) {
      if (one.paths.some((pattern) => pattern.test(path))) continue;
      const add = (index, found) =>
        findings.push({ line: lineOf(index), text: found.replace(/\s+/g, ' '), rule: one.rule });

      const allowed = new Set(one.exceptNames.filter(applies).map(({ name }) => name));
      const names = one.rule.literals === false ? identifiers : [...identifiers, ...literals];
      for (const { text: name, index } of names) {
        if (allowed.has(name)) continue;
        if (one.names.has(name) || one.words?.test(wordsOf(name))) add(index, name);
      }
      if (!one.phrases) continue;
      const exceptions = one.exceptPhrases.filter(applies);
      for (const piece of prose) {
        let rest = piece.text;
        for (const { pattern } of exceptions)
          rest = rest.replace(pattern, (ordinary) => '.'.repeat(ordinary.length));
        for (const match of rest.matchAll(one.phrases)) add(piece.index + match.index, match[0]);
      }
    }
    return findings.toSorted((a, b) => a.line - b.line);
  };
}

function lines(text) {
  const ends = [...text.matchAll(/\n/g)].map(({ index }) => index);
  return (index) => {
    const line = ends.findIndex((end) => end >= index);
    return (line === -1 ? ends.length : line) + 1;
  };
}
