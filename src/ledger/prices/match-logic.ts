import type { MatchLogic } from "@pydantic/genai-prices";

/** Whether a model's name, in lower case, is one that a rule means. */
export type NameMatch = (name: string) => boolean;

/** A rule of the price data as a function. Its regular expressions come with the package, not from requests. */
export function compileMatch(rule: MatchLogic): NameMatch {
  if ("or" in rule) {
    const parts = rule.or.map(compileMatch);
    return (name) => parts.some((matches) => matches(name));
  }
  if ("and" in rule) {
    const parts = rule.and.map(compileMatch);
    return (name) => parts.every((matches) => matches(name));
  }
  if ("regex" in rule) {
    const pattern = new RegExp(rule.regex);
    return (name) => pattern.test(name);
  }
  return compileText(rule);
}

function compileText(
  rule: Exclude<MatchLogic, { or: unknown } | { and: unknown } | { regex: unknown }>,
): NameMatch {
  if ("equals" in rule) return comparing(rule.equals, (name, text) => name === text);
  if ("starts_with" in rule) return comparing(rule.starts_with, (name, text) => name.startsWith(text));
  if ("ends_with" in rule) return comparing(rule.ends_with, (name, text) => name.endsWith(text));
  return comparing(rule.contains, (name, text) => name.includes(text));
}

function comparing(text: string, compare: (name: string, text: string) => boolean): NameMatch {
  const lower = text.toLowerCase();
  return (name) => compare(name, lower);
}

const COMPACT_DATE = /-(20\d{2})(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g;

/** `model-20260131` as `model-2026-01-31`, the form that some rules want; other names unchanged. */
export function spellOutDate(name: string): string {
  return name.replace(COMPACT_DATE, (compact: string, year: string, month: string, day: string) => {
    const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
    return date.getUTCMonth() === Number(month) - 1 ? `-${year}-${month}-${day}` : compact;
  });
}
