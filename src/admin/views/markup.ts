import { z } from "zod";
import { parseMarkup } from "../../ledger/prices/markup.ts";

const MEND = 'Write a factor from 0 to 1000 such as "1.2", or what is added to the cost: "20%", "-5%".';
const LONGEST = 40;

/** What a project's use is multiplied by: a decimal or a percentage as text, or a number. */
export const markupGiven = z
  .union([z.string().max(LONGEST).meta({ mend: MEND }), z.number().meta({ mend: MEND })])
  .refine(isMarkup, { error: "must be a factor from 0 to 1000, or a percentage" })
  .meta({
    description: "What its use is multiplied by to bill it onwards: a factor, or a percentage that is added",
    mend: MEND,
  });

/** The exact factor that it means: "1.20", 1.2 and "20%" are "1.2". */
export function markupText(markup: string | number): string {
  return parseMarkup(markup);
}

function isMarkup(markup: string | number): boolean {
  try {
    parseMarkup(markup);
    return true;
  } catch {
    return false;
  }
}
