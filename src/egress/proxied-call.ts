import type { Reach } from "../model/reach.ts";
import type { Answer, Call } from "./answer.ts";
import type { Endpoint } from "./endpoint.ts";
import { EgressFailure } from "./failure.ts";
import { asFailure, FetchedAnswer } from "./fetched-answer.ts";
import { addressKind } from "./guard/address-kind.ts";
import { mayConnect } from "./guard/guard.ts";
import { type RequestBody, wholeBody } from "./request-writer.ts";
import type { Resolver } from "./resolver.ts";

/** A proxy is of its operator's own network; metadata services are no proxies. */
const PROXY_REACH: Reach = "own-network";

/**
 * Sends a request through an HTTP proxy, by the runtime's fetch, which knows every way to speak to one. What it can't
 * tell is when it has connected: the limit on connecting does not hold there, that on the first byte does. Where a name
 * leads is the proxy's to find out and to guard; of addresses that are no names the reach holds here too.
 */
export function sendThroughProxy(
  endpoint: Endpoint,
  proxy: string,
  body: RequestBody,
  resolver: Pick<Resolver, "addressesOf">,
): Call {
  const controller = new AbortController();
  const answer = guardedProxy(endpoint, proxy, resolver).then((judged) =>
    sendBy(judged, endpoint, body, controller),
  );
  return { answer, isConnected: true, abort: () => controller.abort() };
}

function sendBy(
  proxy: string,
  { method, url, headers, ca }: Endpoint,
  body: RequestBody,
  controller: AbortController,
): Promise<Answer> {
  return fetch(url, {
    method,
    headers,
    body: wholeBody(body),
    signal: controller.signal,
    redirect: "manual",
    // Our own limits hold; Bun's idle timer would cut a model that thinks for long.
    timeout: false,
    proxy,
    ...(ca === undefined ? {} : { tls: { ca } }),
  }).then(
    (response): Answer => new FetchedAnswer(response, controller),
    (thrown: unknown) => {
      throw asFailure(thrown, controller.signal);
    },
  );
}

/**
 * The proxy's address with its host as it was resolved and judged, so that it can't lead elsewhere a moment later. A
 * proxy that is spoken to over TLS keeps its name, which its certificate is for.
 */
async function guardedProxy(
  { origin }: Endpoint,
  proxy: string,
  resolver: Pick<Resolver, "addressesOf">,
): Promise<string> {
  const { hostname, reach } = origin;
  if (addressKind(hostname) !== undefined && !mayConnect(hostname, { reach })) throw notAllowed(hostname);
  const url = new URL(proxy);
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const addresses = await resolver.addressesOf(host);
  const address = addresses.find((candidate) => mayConnect(candidate, { reach: PROXY_REACH }));
  if (address === undefined) throw notAllowed(host);
  if (url.protocol === "http:") url.hostname = address.includes(":") ? `[${address}]` : address;
  return url.href;
}

function notAllowed(host: string): EgressFailure {
  return new EgressFailure(
    "unreachable",
    "ADDRESS_NOT_ALLOWED",
    `${host} leads to no address that may be called`,
  );
}
