import type { Reach } from "../model/reach.ts";

/** A server: connections to one may serve every call that names the same. */
export interface Origin {
  readonly isSecure: boolean;
  /** As a URL has it, but an IPv6 address without its brackets. */
  readonly hostname: string;
  readonly port: number;
  /** The certificate authority to trust in place of the usual ones, in PEM. */
  readonly ca: string | undefined;
  /** Where its name may lead. */
  readonly reach: Reach;
}

/** What an endpoint is made from. */
export interface EndpointOrder {
  readonly method: "GET" | "POST" | "PUT" | "DELETE" | "HEAD";
  /** http or https; a user name in it is refused. */
  readonly url: string;
  /** All headers but Host and Content-Length, which are worked out. */
  readonly headers: { readonly [name: string]: string };
  readonly ca?: string | undefined;
  /** Where the address may lead; absent: to public addresses only. */
  readonly reach?: Reach;
  /** A proxy's URL. */
  readonly proxy?: string | undefined;
}

/** An address and everything that each call to it says the same: worked out once, sent many times. */
export interface Endpoint extends EndpointOrder {
  readonly origin: Origin;
  /** The request's head up to the value of Content-Length. Holds the credential. */
  readonly head: Uint8Array;
}

/** RFC 9110, 5.6.2 and 5.5: what would end a line early must not get into a head, wherever it came from. */
const NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;
const TARGET = /^\/[\x21-\x7e]*$/;

/** The server behind an address. Throws TypeError on what can't be called. */
export function originAt({ url, ca, reach = "public" }: Pick<EndpointOrder, "url" | "ca" | "reach">): Origin {
  return originOf(new URL(url), ca, reach);
}

/** Prepares an endpoint. Throws TypeError on what can't be sent. */
export function prepareEndpoint(order: EndpointOrder): Endpoint {
  const url = new URL(order.url);
  const origin = originOf(url, order.ca, order.reach ?? "public");
  return { ...order, origin, head: Buffer.from(headOf(order, url), "latin1") };
}

function originOf(url: URL, ca: string | undefined, reach: Reach): Origin {
  const isSecure = url.protocol === "https:";
  if (!isSecure && url.protocol !== "http:") throw new TypeError(`no http address: ${url.protocol}`);
  if (url.username !== "" || url.password !== "") throw new TypeError("an address may hold no user name");
  return {
    isSecure,
    hostname: url.hostname.replace(/^\[|\]$/g, ""),
    port: url.port === "" ? (isSecure ? 443 : 80) : Number(url.port),
    ca,
    reach,
  };
}

function headOf({ method, headers }: EndpointOrder, url: URL): string {
  const target = url.pathname + url.search;
  if (!TARGET.test(target)) throw new TypeError("no path that can be sent");
  const lines = [`${method} ${target} HTTP/1.1`, `host: ${url.host}`];
  for (const [name, value] of Object.entries({ accept: "*/*", ...headers })) {
    if (!NAME.test(name) || !VALUE.test(value)) throw new TypeError(`the header ${name} can't be sent`);
    lines.push(`${name}: ${value}`);
  }
  return `${lines.join("\r\n")}\r\ncontent-length: `;
}

/** The same for all endpoints of one server, and for no other. */
export function originKey({ isSecure, hostname, port, ca, reach }: Origin): string {
  return `${isSecure ? "https" : "http"} ${hostname} ${port} ${reach} ${ca ?? ""}`;
}
