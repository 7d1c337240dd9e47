import { UsageError } from "./usage-error.ts";

const UNITS_MS: { readonly [unit: string]: number } = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/** A length of time as it is typed (`90d`, `12h`, `30m`, `45s`), in milliseconds; undefined for anything else. */
export function spanMs(text: string): number | undefined {
  const [, amount, unit = ""] = /^(\d{1,6})([smhdw])$/.exec(text) ?? [];
  const unitMs = UNITS_MS[unit];
  return amount === undefined || unitMs === undefined ? undefined : Number(amount) * unitMs;
}

/** A moment to come: a date or a time from now. Throws a sentence on anything else, and on what has passed. */
export function momentToCome(text: string, nowMs: number): string {
  const span = spanMs(text);
  const momentMs = span === undefined ? Date.parse(text) : nowMs + span;
  if (Number.isNaN(momentMs))
    throw new UsageError(`"${text}" is no date and no time from now.`, "Write 2027-01-31 or 90d.");
  if (momentMs <= nowMs)
    throw new UsageError(`"${text}" has already passed.`, "Name a moment in the future.");
  return new Date(momentMs).toISOString();
}

/** A moment that has been: a date or a time ago. Throws a sentence on anything else. */
export function momentPast(text: string, nowMs: number): string {
  const span = spanMs(text);
  const momentMs = span === undefined ? Date.parse(text) : nowMs - span;
  if (Number.isNaN(momentMs))
    throw new UsageError(`"${text}" is no date and no time ago.`, "Write 2026-11-01 or 24h.");
  return new Date(momentMs).toISOString();
}

/** A text that is not empty. */
export function filled(text: string, option: string): string {
  if (text.trim() !== "") return text.trim();
  throw new UsageError(`${option} is empty.`, `Write a name: ${option} main-backend.`);
}

/** A whole number above 0. */
export function positive(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new UsageError(`"${text}" is not a whole number above 0.`, "Write a number such as 20.");
}

/** Patterns with commas between. One that fits nothing is never meant. */
export function patternsOf(text: string): readonly string[] {
  const patterns = text.split(",").map((pattern) => pattern.trim());
  if (!patterns.includes("")) return patterns;
  throw new UsageError(
    `"${text}" holds an empty pattern.`,
    "Write patterns with commas between: openai/*,groq/llama-*",
  );
}

/** For an option that may be given several times: gathers what it is given. */
export function gathered(text: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), text];
}

/** Tags typed as `name=value`. */
export function tagsOf(typed: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    typed.map((text) => {
      const equals = text.indexOf("=");
      if (equals < 1) throw new UsageError(`"${text}" is no tag.`, "Write a name and a value: team=search.");
      return [text.slice(0, equals), text.slice(equals + 1)];
    }),
  );
}
