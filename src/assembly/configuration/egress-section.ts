import { z } from "zod";
import { text } from "./fields.ts";

const origin = text({
  description: "Exact origin, such as https://llm.example.com or http://169.254.10.1:8000",
  mend: "Write scheme, host and port as in the address, no path: https://llm.example.com or http://10.0.0.5:8000.",
  rules: [
    ["must begin with http:// or https://", (written) => /^https?:\/\//i.test(written)],
    ["must be an origin: scheme, host and port in lower case, no path, no slash at the end", isOrigin],
  ],
});

function isOrigin(written: string): boolean {
  return URL.canParse(written) && new URL(written).origin === written;
}

/** Where calls may go out to. */
export const egressSection = z
  .strictObject({
    allow: z
      .array(origin)
      .default([])
      .describe(
        "Origins that may be called wherever their names lead: a public name for a server of your own network, a link-local address. Providers written with an address of your own network need none.",
      ),
  })
  .describe("Where calls may go out to");
