import { text } from "./fields.ts";

/** Where machines stand, in whatever words the policies use. */
export const regionName = text({
  description: "The region that it stands in; policies may name those that data may go to",
  mend: "Write a name such as eu or us-east-1, the same as in the policies.",
  pattern: { form: /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, message: "can't be a region's name" },
});
