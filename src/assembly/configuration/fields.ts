import { z } from "zod";
import { fieldTraits } from "../../config/field.ts";

/** A rule about a text: how it must be, and whether it is. */
export type TextRule = readonly [message: string, holds: (text: string) => boolean];

/** What a text field is for and how to write it. */
interface TextField {
  readonly description: string;
  readonly mend: string;
  readonly pattern?: { readonly form: RegExp; readonly message: string };
  readonly rules?: readonly TextRule[];
  readonly secret?: boolean;
  readonly file?: boolean;
}

/** A text that is not empty. The rules are asked in order; the first that doesn't hold is told. */
export function text(field: TextField): z.ZodString {
  let schema = z.string().min(1, { error: "must not be empty" }).max(LONGEST_TEXT, { error: "is too long" });
  if (field.pattern !== undefined)
    schema = schema.regex(field.pattern.form, { error: field.pattern.message });
  for (const [message, holds] of field.rules ?? [])
    schema = schema.refine(holds, { error: message, abort: true });
  const { mend, secret = false, file = false } = field;
  return schema.describe(field.description).register(fieldTraits, { mend, secret, file });
}

/** Room for a chain of certificates; no other field comes near. */
const LONGEST_TEXT = 256 * 1024;

/** A whole number between two bounds, both allowed. */
export function wholeNumber(least: number, most: number, description: string): z.ZodInt {
  return z.int().min(least).max(most).describe(description);
}

const DAY_MS = 86_400_000;

/** A duration in milliseconds, from 10 ms to a day. */
export function duration(description: string): z.ZodInt {
  return wholeNumber(10, DAY_MS, `${description}, in milliseconds`);
}

/** A model by its provider: `provider/model`. */
export function modelName(description: string): z.ZodString {
  return text({
    description,
    mend: "Write it as `provider/model`, such as groq/llama-3.3-70b-versatile.",
    pattern: { form: MODEL_NAME, message: "must be a provider's id, a slash and its name of the model" },
  });
}

const MODEL_NAME = /^[a-z0-9][a-z0-9-]*\/\S+$/;
