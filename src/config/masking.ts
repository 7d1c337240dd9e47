import type { z } from "zod";
import { type ParsedYaml, parseYaml } from "./parse-yaml.ts";
import { readValues } from "./read-values.ts";

const MASK = "*";

/** The text of a line (from 1) with what must not be shown masked, column for column. */
export function maskedLine(
  text: string,
  yaml: ParsedYaml,
  line: number,
  hidden: readonly (readonly [number, number])[],
): string {
  const start = yaml.lines.lineStarts[line - 1] ?? 0;
  const end = text.indexOf("\n", start);
  const shown = [...text.slice(start, end === -1 ? undefined : end).split("")];
  for (const [from, to] of hidden) {
    for (let i = Math.max(0, from - start); i < Math.min(shown.length, to - start); i++) shown[i] = MASK;
  }
  return withoutUserInformation(shown.join(""));
}

/** The lines of a text with every secret in it masked; of one whose YAML is broken, with all that could be one. */
export function maskedLines(text: string, schema: z.ZodType): string[] {
  const yaml = parseYaml(text);
  const lines = text.split("\n").map((_, index) => index + 1);
  if (yaml.faults.length > 0) return lines.map((line) => guardedLine(text, yaml, line));
  const { hidden } = readValues(yaml, schema, { environment: {}, readFile: () => "" });
  return lines.map((line) => maskedLine(text, yaml, line, hidden));
}

/**
 * The text of a line whose YAML is broken, so that nobody can say which of it is a secret: names and short words stay,
 * anything that could be a key is masked.
 */
export function guardedLine(text: string, yaml: ParsedYaml, line: number): string {
  const whole = maskedLine(text, yaml, line, []);
  return whole.replace(/"[^"]*"?|'[^']*'?|[^\s{}[\],:#"']+/g, (word, offset: number) => {
    const isName = /^\s*:(\s|$)/.test(whole.slice(offset + word.length, offset + word.length + 8));
    return isName || word.length < SHORT ? word : MASK.repeat(word.length);
  });
}

const SHORT = 8;

/** The text with the user name and password of every address in it masked. */
export function withoutUserInformation(text: string): string {
  return text.replace(/(?<=\/\/)[^/\s"']*(?=@)/g, (word) => MASK.repeat(word.length));
}
