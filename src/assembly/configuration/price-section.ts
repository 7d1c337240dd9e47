import { z } from "zod";
import { fieldTraits } from "../../config/field.ts";
import { modelName } from "./fields.ts";

const DEAREST = 1_000_000;

function dollars(description: string): z.ZodNumber {
  return z
    .number()
    .min(0)
    .max(DEAREST)
    .refine(isNanoExact, { error: "must have at most nine decimals" })
    .describe(description)
    .register(fieldTraits, {
      mend: `Write a number of dollars from 0 to ${DEAREST}, with at most nine decimals.`,
    });
}

/** True for an amount that is a whole number of nano-dollars, which the ledger counts in. */
function isNanoExact(amount: number): boolean {
  return Number(amount.toFixed(9)) === amount;
}

function price(part: string): z.ZodNumber {
  return dollars(`${part}, in dollars for a million tokens`);
}

export const modelPrice = z
  .strictObject({
    input: price("Input"),
    output: price("Output"),
    cached_input: price("Input that the provider had cached; left out: as input").optional(),
    cache_write: price("Input written to the cache for 5 minutes; left out: as input").optional(),
    cache_write_1h: price("Input written to the cache for an hour; left out: as cache_write").optional(),
    input_audio: price("Sound sent; left out: as input").optional(),
    input_image: price("Images sent; left out: as input").optional(),
    output_audio: price("Sound received; left out: as output").optional(),
    reasoning: price("Reasoning; left out: as output").optional(),
    per_request: dollars("Each request, in dollars").optional(),
    per_tool_call: dollars("Each tool call that the provider bills, in dollars").optional(),
  })
  .describe("What a model costs");

/** Prices by `provider/model`. */
export const pricesSection = z
  .record(modelName("A model: `provider/model`"), modelPrice)
  .describe("Prices that replace or complete the built-in ones");
