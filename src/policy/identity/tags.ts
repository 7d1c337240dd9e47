import { z } from "zod";

const MAX_TAGS = 20;
const MAX_VALUE_CHARACTERS = 200;

/** What a key is marked with: short texts by name. */
export const tags = z
  .record(
    z
      .string()
      .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, { error: "must be a name of up to 64 characters" })
      .meta({ mend: "Write letters, digits, dots, dashes and underscores, such as team." }),
    z.string().min(1).max(MAX_VALUE_CHARACTERS),
  )
  .refine((all) => Object.keys(all).length <= MAX_TAGS, { error: `must have at most ${MAX_TAGS} tags` })
  .meta({
    description: "Texts to find and group by",
    mend: `Write at most ${MAX_TAGS} tags: {"team": "search"}.`,
  });

/** The tags in a row of the store; undefined where there are none. */
export function storedTags(text: string): Readonly<Record<string, string>> | undefined {
  if (text === "{}") return undefined;
  try {
    const { data } = tags.safeParse(JSON.parse(text));
    return data === undefined ? undefined : Object.freeze(data);
  } catch {
    return undefined;
  }
}
