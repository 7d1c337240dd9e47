import { z } from "zod";
import { fieldTraits } from "../../config/field.ts";
import { NEEDS, WEEKDAYS } from "../../model/condition.ts";
import { text, wholeNumber } from "./fields.ts";

/*
 * Conditions may hold conditions; the schema goes as deep as anybody writes, so that errors and editors know each level.
 */

const pattern = text({
  description: "A name, * standing for any run of characters",
  mend: "Write a name, a pattern such as team-*, or a list of them.",
});

const patterns = (description: string) =>
  z
    .union([pattern, z.array(pattern).min(1).max(100)])
    .describe(`${description}; a pattern or a list of them`);

const clock = text({
  description: "A time of day: hours and minutes",
  mend: 'Write it in quotes, as "22:30"; "24:00" is the end of the day.',
  pattern: { form: /^(?:[01]\d|2[0-3]):[0-5]\d$|^24:00$/, message: "is no time of day" },
});

const zone = text({
  description: "The time zone that the times are in: an IANA name",
  mend: "Write a name such as Europe/Berlin, or UTC.",
  rules: [["is not a time zone that is known here", isTimeZone]],
});

function isTimeZone(name: string): boolean {
  try {
    // Throws for a name that it doesn't know.
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

const time = z
  .strictObject({
    from: clock,
    to: clock,
    days: z.array(z.enum(WEEKDAYS)).min(1).optional().describe("On these days only. Left out: every day"),
    zone: zone.default("UTC"),
  })
  .describe("Between two times of day; over midnight where the second is before the first");

const need = z.enum(NEEDS);

const MOST_TOKENS = 1_000_000_000;

const facts = {
  project: patterns("The caller's project").optional(),
  key: patterns("The virtual key, by its name or id").optional(),
  tags: z
    .record(text({ description: "A tag's name", mend: "Write the name of a tag." }), patterns("Its value"))
    .optional()
    .describe("Tags of the virtual key; all of them must fit"),
  operation: patterns("What is asked for: chat, embedding, ...").optional(),
  dialect: patterns("The client's wire format: openai-chat, ...").optional(),
  end_user: patterns("The end user that the request names").optional(),
  region: patterns("Holds where a policy binds the caller to regions, all of which fit").optional(),
  stream: z.boolean().optional().describe("Whether a stream is asked for"),
  needs: z
    .union([need, z.array(need).min(1)])
    .optional()
    .describe("What the request needs; one, or a list of which it needs all"),
  input_tokens: z
    .strictObject({
      from: wholeNumber(0, MOST_TOKENS, "At least so many").optional(),
      to: wholeNumber(0, MOST_TOKENS, "At most so many").optional(),
    })
    .optional()
    .describe("The estimated length of the prompt"),
  time: time.optional(),
};

const EMPTY = "must name something that is to hold";
const MEND = "Write what must hold, such as `project: main` or `needs: images`.";

const deepest = conditionOf({});
const deeper = conditionOf(joined(deepest));

/** What must hold of a request. Everything that is named must. */
export const condition = conditionOf(joined(deeper)).describe(
  "Only for requests of which this holds; everything that is named must",
);

function joined<Inner extends z.ZodType>(inner: Inner) {
  return {
    all: z.array(inner).min(1).max(100).optional().describe("All of these hold"),
    any: z.array(inner).min(1).max(100).optional().describe("One of these holds"),
    not: inner.optional().describe("This does not hold"),
  };
}

function conditionOf<Shape extends z.ZodRawShape>(more: Shape) {
  return z
    .strictObject({ ...facts, ...more })
    .refine((written) => Object.values(written).some((value) => value !== undefined), { error: EMPTY })
    .register(fieldTraits, { mend: MEND });
}

/** A condition as it is written, at any depth. */
export type WrittenCondition = z.output<typeof deepest> & {
  readonly all?: readonly WrittenCondition[] | undefined;
  readonly any?: readonly WrittenCondition[] | undefined;
  readonly not?: WrittenCondition | undefined;
};
