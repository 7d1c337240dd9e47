import { z } from "zod";
import { fieldTraits } from "../../config/field.ts";
import { parseMoment, parseTimes } from "../../ledger/prices/validity.ts";
import { modelName, text, wholeNumber } from "./fields.ts";

const DEAREST = 1_000_000;
const GREATEST_FACTOR = 100;
const LARGEST_REQUEST = 1_000_000_000;

/** A number of at most nine decimals. */
function decimal(most: number, description: string, noun: string): z.ZodNumber {
  return z
    .number()
    .min(0)
    .max(most)
    .refine(isNanoExact, { error: "must have at most nine decimals" })
    .describe(description)
    .register(fieldTraits, { mend: `Write ${noun} from 0 to ${most}, with at most nine decimals.` });
}

/** True for an amount that is a whole number of nano-dollars, which the ledger counts in. */
function isNanoExact(amount: number): boolean {
  return Number(amount.toFixed(9)) === amount;
}

function dollars(description: string): z.ZodNumber {
  return decimal(DEAREST, description, "a number of dollars");
}

function price(part: string): z.ZodNumber {
  return dollars(`${part}, in dollars for a million tokens`);
}

const tools = z
  .strictObject({
    web_search: dollars("Each search of the web").optional(),
    file_search: dollars("Each search of files").optional(),
    code_execution: dollars("Each run of code").optional(),
    social_search: dollars("Each search of a social network").optional(),
  })
  .describe("Each tool call that the provider bills, in dollars, by kind; left out: as per_tool_call");

const parts = {
  cached_input: price("Input that the provider had cached; left out: as input").optional(),
  cache_write: price("Input written to the cache for 5 minutes; left out: as input").optional(),
  cache_write_1h: price("Input written to the cache for an hour; left out: as cache_write").optional(),
  input_audio: price("Sound sent; left out: as input").optional(),
  cached_input_audio: price(
    "Sound that the provider had cached; left out: as cached_input, else as input_audio",
  ).optional(),
  input_image: price("Images sent; left out: as input").optional(),
  cached_input_image: price(
    "Images that the provider had cached; left out: as cached_input, else as input_image",
  ).optional(),
  input_video: price("Video sent; left out: as input").optional(),
  output_audio: price("Sound received; left out: as output").optional(),
  output_image: price("Images received; left out: as output").optional(),
  output_video: price("Video received; left out: as output").optional(),
  reasoning: price("Reasoning; left out: as output").optional(),
  per_request: dollars("Each request, in dollars").optional(),
  per_tool_call: dollars("Each tool call that the provider bills, in dollars").optional(),
  tools: tools.optional(),
};

/** Rates of which each may be left out. */
const rates = { input: price("Input").optional(), output: price("Output").optional(), ...parts };

const tiers = z
  .array(
    z.strictObject({
      above: wholeNumber(
        1,
        LARGEST_REQUEST,
        "Input tokens that a request must exceed, the cached ones included",
      ),
      ...rates,
    }),
  )
  .min(1)
  .refine((list) => new Set(list.map(({ above }) => above)).size === list.length, {
    error: "must not name the same size twice",
  })
  .describe(
    "Rates of larger requests, each for the whole request; what one leaves out is as in smaller requests",
  )
  .register(fieldTraits, { mend: "Give each a size of its own with `above`." });

const serviceTier = z
  .strictObject({
    factor: decimal(
      GREATEST_FACTOR,
      "The usual price of tokens times this; fees stay as they are",
      "a number",
    ).optional(),
    ...rates,
    tiers: tiers.optional(),
  })
  .refine((tier) => tier.factor === undefined || Object.keys(tier).length === 1, {
    error: "must have a factor or rates, not both",
  })
  .describe("What a service tier costs: a factor of the usual price, or rates in place of the usual ones")
  .register(fieldTraits, { mend: "Write a factor, `{ factor: 0.5 }`, or the rates that differ." });

const serviceTiers = z
  .record(
    text({
      description: "The tier, in the word of the provider's answers (flex, priority), or batch",
      mend: "Write the word that the provider's answers say.",
      pattern: { form: /^\S{1,64}$/, message: "must be one word" },
    }),
    serviceTier,
  )
  .describe("Prices of service tiers other than the usual one");

function date(description: string): z.ZodString {
  return text({
    description: `${description}: a day (midnight UTC) or a moment`,
    mend: "Write it as 2026-12-01 or 2026-12-01T08:00:00Z.",
    rules: [["must be a day or a moment", (written) => parseMoment(written) !== undefined]],
  });
}

const terms = {
  tiers: tiers.optional(),
  service_tiers: serviceTiers.optional(),
  from: date("The first on which this price holds").optional(),
  until: date("The first on which this price no longer holds").optional(),
  daily: text({
    description: "The times of day between which this price holds, in UTC",
    mend: "Write two times, such as 16:30-00:30.",
    rules: [["must be two different times of a day", (written) => parseTimes(written) !== undefined]],
  }).optional(),
};

const period = z
  .strictObject({ ...rates, ...terms })
  .refine(({ from, until, daily }) => (from ?? until ?? daily) !== undefined, {
    error: "must say when it holds",
  })
  .describe("What holds instead at some time; what it leaves out is as around it")
  .register(fieldTraits, { mend: "Write `from`, `until` or `daily`." });

export const modelPrice = z
  .strictObject({
    input: price("Input"),
    output: price("Output"),
    ...parts,
    ...terms,
    periods: z
      .array(period)
      .min(1)
      .max(64)
      .describe("Prices that hold instead at some times; of several that hold the last counts")
      .optional(),
  })
  .describe("What a model costs");

/** Prices by `provider/model`. */
export const pricesSection = z
  .record(modelName("A model: `provider/model`; `*` stands for any run of characters"), modelPrice)
  .describe("Prices that replace or complete the built-in ones");
