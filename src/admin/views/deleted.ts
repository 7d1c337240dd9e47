import { z } from "zod";

/** What an operation that ends something answers, the first time and every time after. */
export const deletedView = z.strictObject({ id: z.string(), deleted: z.literal(true) });
