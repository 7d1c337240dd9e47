import { z } from "zod";

const DECIMALS = 6;
const MEND = 'Write a decimal from 0 to 999 with at most six decimals: "1.2" bills 20 % on top.';

/** What a project's use is multiplied by: a decimal as text, or a number. Comes out as an exact text. */
export const markupGiven = z
  .union([
    z
      .string()
      .regex(/^\d{1,3}(\.\d{1,6})?$/, { error: "must be a plain decimal with at most six decimals" })
      .meta({ mend: MEND }),
    z
      .number()
      .min(0)
      .max(999)
      .refine((markup) => Number(markup.toFixed(DECIMALS)) === markup, {
        error: "must have at most six decimals",
      })
      .meta({ mend: MEND }),
  ])
  .meta({ description: "What its use is multiplied by to bill it onwards; 1 is cost", mend: MEND });

/** The shortest decimal that says the same: "1.20" and 1.2 are "1.2". */
export function markupText(markup: string | number): string {
  const text = typeof markup === "number" ? markup.toFixed(DECIMALS) : markup;
  const [whole = "", fraction = ""] = text.split(".");
  const shortest = fraction.replace(/0+$/, "");
  return `${Number(whole)}${shortest === "" ? "" : `.${shortest}`}`;
}
