import { z } from "zod";

/** A tag in a query. */
export const tagAsked = z
  .string()
  .regex(/^[A-Za-z0-9._-]+:.+$/s, { error: "must be a tag's name, a colon and its value" })
  .meta({ description: "Keys with that tag only, as `team:search`", mend: "Write team:search." });

/** What it says. */
export function tagOf(text: string): { readonly name: string; readonly value: string } {
  const colon = text.indexOf(":");
  return { name: text.slice(0, colon), value: text.slice(colon + 1) };
}
