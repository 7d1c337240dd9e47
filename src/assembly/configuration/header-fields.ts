import { z } from "zod";
import { fieldTraits } from "../../config/field.ts";
import { text } from "./fields.ts";

/** Headers that belong to the gateway or to the connection: set by hand they would break a call or move a credential. */
const OWN_HEADERS = new Set([
  "accept-encoding",
  "authorization",
  "connection",
  "content-encoding",
  "content-length",
  "content-type",
  "cookie",
  "expect",
  "host",
  "keep-alive",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

const headerName = text({
  description: "Name of a header",
  mend: "Use another header's name: letters, digits and hyphens. For a bearer credential write `key`.",
  pattern: { form: /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,128}$/, message: "is not a header's name" },
  rules: [["is a header that Gatehouse sets itself", (name) => !OWN_HEADERS.has(name.toLowerCase())]],
});

/** True for a text that can be sent as a header's value. */
export function isHeaderValue(value: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(value);
}

const headerValue = text({
  description: `Value of a header; may be a \${VARIABLE} or file: reference`,
  mend: "Write one line of plain ASCII.",
  secret: true,
  rules: [["must be one line of plain ASCII", isHeaderValue]],
});

/** Headers that are sent to a provider with every call. */
export const headers = z
  .record(headerName, headerValue)
  .describe("Headers sent to this provider with every call")
  .register(fieldTraits, { mend: "Write `name: value` lines, indented below it." });
